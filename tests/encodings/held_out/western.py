"""Words of languages of the west and the north of Europe."""

from tests.encodings.languages import Language

_WEST = ("iso8859-1", "iso8859-15", "cp850", "mac_roman")

WESTERN = (
    Language(
        name="spanish", usual="cp1252", others=_WEST,
        given="Yolanda Maite Ainhoa Álex Adrián Agustín Elías Efraín Fermín Germán Hernán Joaquín"
        " Nicolás Tomás Matías Moisés Noemí Rocío Sebastián Valentín Zacarías Estíbaliz Maribel"
        " Chema Lola Nacho Paco Merche Charo Nuria Jacinta Eulalia",
        family="Acuña Alarcón Almirón Arévalo Baños Barragán Berrío Briceño Calderón Cárdenas"
        " Carreño Chacón Colón Corzo Dávalos Escalante Fariña Fuentes Galván Garzón Gaitán Ocaña"
        " Larrañaga Lázaro Logroñés Luján Macías Mejía Montaño Morán Nariño Olmedo Palacín Piñeiro"
        " Pizarro Quijano Riaño Roldán Saldaña Sarmiento Treviño Urrutia Valdés Villaseñor Zabala",
        places="Alcalá Alcorcón Avilés Badajoz Castellón Chillán Cuenca Cúcuta Culiacán Gijón"
        " Huelva Ibiza Iquique Mahón Móstoles Neuquén Orense Popayán Puebla Reus Sahagún Teruel"
        " Tucumán Tuxtla Vigo Viña Zamora Arganda Torrejón Getafe",
        notes="Ferretería El Peñón|Panadería Doña Rosa|Transportes Ibéricos|Talleres Ruiz e Hijos"
        "|Jardinería Otoño|Óptica Central|pedir presupuesto|pendiente de firma|llega en otoño"
        "|volver a llamar|Clínica Dental|Cerámicas Niño|Imprenta Sol|baja por enfermedad",
    ),
    Language(
        name="french", usual="cp1252", others=_WEST,
        given="Aurélie Aurélien Béatrice Clément Clémence Delphine Elodie Fabrice Frédérique"
        " Ghislaine Grégory Héloïse Joëlle Jules Laëtitia Léonie Mickaël Mélanie Nadège Pénélope"
        " Rémi Régis Séverine Solène Thibault Valérie Véronique Yannick Ophélie Maëlle Cyril",
        family="Aubépin Baudouin Bézier Boulangé Chaillé Châtaigner Chéreau Cordier Courbé"
        " Delattre Desnoyers Drouet Duchêne Dufrêne Fauché Fléchard Forgeron Foulquié Gauvain"
        " Giraudeau Guéguen Hénaff Jolivet Kerguelen Lacôte Ladurée Lamoureux Lebègue Lepêtre"
        " Maillé Massé Mégret Montagné Noëlle Pâquet Perrachon Quéméner Rocher Sénéchal Tréhout"
        " Vallée Vigné",
        places="Abbeville Angoulême Annecy Asnières Aurillac Bègles Bézons Chambéry Châteauroux"
        " Compiègne Créteil Dôle Égletons Fécamp Gérardmer Hyères Issoudun Limoges Mézières Millau"
        " Montélimar Mulhouse Périgueux Quimperlé Rodez Saumur Sélestat Thônes Tulle Vélizy",
        notes="Boulangerie Fléchelle|Garage du Pré|Menuiserie Bâtisseur|Société Générale d'Électro"
        "|Pâtisserie Fine|Hôtel des Trois Rivières|relancer en février|devis accepté|en congé"
        "|facture envoyée|Pépinières du Val|Crêperie bretonne|absent|réglé|Cabinet Lenoir",
    ),
    Language(
        name="german", usual="cp1252", others=_WEST,
        given="Agnes Benedikt Detlef Dörthe Edeltraud Friedhelm Gesa Gerd Hansjörg Heike Hildegard"
        " Ingeborg Jörn Jochen Kirsten Lüder Margit Mechthild Nele Ottilie Raphael Ruth Rüdiger"
        " Sönke Swantje Thorsten Traugott Tönjes Volker Walburga Wiebke Zdenka Lürssen Hürrem",
        family="Aßmann Bäuerle Blümel Brüning Büchner Dörfler Eßer Fährmann Fäßler Füchsel Gänsler"
        " Gerhäuser Grünewald Güntner Hänel Hoßfeld Hübscher Jäckel Käßbohrer Kößler Küpper Lämmle"
        " Löffler Mäurer Mößner Mühlbauer Nägele Öttinger Pfänder Plößl Quandt Rößler Rückert"
        " Sägebrecht Schönfeld Schürmann Stöhr Süßmuth Täuber Thoß Uhlig Völkel Wäscher Zöllner",
        places="Ansbach Böblingen Brühl Büsum Cuxhaven Döbeln Eschwege Flörsheim Füssen Gütersloh"
        " Höxter Ilmenau Jüterbog Kärnten Lüneburg Lörrach Mölln Nördlingen Oelde Plön Quedlinburg"
        " Rüsselsheim Saßnitz Schwäbisch Sömmerda Thale Uelzen Völklingen Wülfrath Zwönitz",
        notes="Bäckerei Sommer|Gerätebau Nord|Müllerei & Söhne|Schreinerei Holz|Kühlhaus Süd"
        "|Autohaus Krone|bitte zurückrufen|wartet auf Angebot|Prüfung läuft|nicht erreichbar"
        "|Rechnung geschickt|Tischlerei Fußbodenbau|Gärtnerei Rose|Spedition|läuft aus",
    ),
    Language(
        name="italian", usual="cp1252", others=_WEST,
        given="Ambrogio Arturo Beatrice Camilla Carlo Danilo Elio Fabiola Gaspare Ginevra Ilenia"
        " Ivano Letizia Lorenzo Mirella Nazario Ornella Piero Romeo Sabina Tiziana Ugo Valter Zeno"
        " Desirè Renè Nicolé Josuè Michelà Barnabò Corrado Fulvio",
        family="Accardo Amodeo Bagnasco Balzanò Bentivogli Borgia Brambilla Cacciò Campanà Carrà"
        " Cirinnà Cremonini D'Alò Dalmasso Ercolani Fabbri Falcò Ghirlandà Iannò Lambertini Laforè"
        " Malfatti Mandalà Mottarella Naldini Oliverò Pacciardi Patanè Pedrotti Quagliarella"
        " Rapisà Ricciardi Rubbià Sabbatini Saccà Scalfarò Spanò Tamburrinò Tosatti Vaccarò"
        " Venturelli",
        places="Alghero Asti Barletta Benevento Cittanova Cortina Dalminé Erice Fermo Gallaratè"
        " Garessiò Imola Ivrea Jesolo Lecco Mirandola Montà Muggiò Oderzo Pennabillì Pontelongo"
        " Rho Rivoli Sanremo Sarzana Schio Termoli Torrepò Usmate Velletri",
        notes="Falegnameria Rosso|Trattoria da Gigi|Società Agricola Verdi|Officina Meccanica"
        "|Cartoleria Novità|Panificio Bontà|richiamare giovedì|chiede sconto|non è interessato"
        "|da martedì|Edilizia Sud|Pulizie Più|conferma|Farmacia Centrale",
    ),
    Language(
        name="portuguese", usual="cp1252", others=_WEST,
        given="Adélia Amália Anabela Ângela Aurélio Belmiro Célia Cátia Débora Duarte Estêvão"
        " Eugénia Flávio Gastão Graça Henrique Hélder Iolanda Júlio Leonor Lourdes Márcia Moisés"
        " Natália Otília Raúl Rogério Sónia Tânia Tomé Valdir Zulmira",
        family="Abrunhosa Albuquerque Alcântara Azinhaga Bragança Brás Caçador Calção Camões"
        " Canção Carvão Coração Cortês Damião Esteves Feijó Frazão Galvão Garção Gusmão Jordão"
        " Lamarão Lampreia Leão Macário Marçal Mourão Negrão Noronha Paixão Palhão Pestana Pinhão"
        " Queirós Romão Salvação Seabra Serrão Teotónio Trovão Valadão Viçoso Vilhena",
        places="Abrantes Alcobaça Almeirim Amarante Barcelos Bauru Bragança Brasília Caçapava"
        " Chaves Covilhã Cuiabá Espinho Estoril Fafe Fundão Goiânia Ílhavo Jundiaí Lagoa Loulé"
        " Maceió Marília Nazaré Óbidos Peniche Queluz Santarém Tavira Uberlândia Viçosa",
        notes="Padaria Pão Quente|Construções Irmãos|Transportes Rápidos|Oficina do Zé|Farmácia Sé"
        "|Móveis Coração|pedir orçamento|aguarda decisão|férias em agosto|enviar contrato|adiado"
        "|Gráfica Nação|Clínica São Bento|sem interesse|telefonar à tarde",
    ),
    Language(
        name="dutch", usual="cp1252", others=_WEST,
        given="Aafke Bart Carolien Daniël Diederik Eefje Femke Gijs Hanneke Ilse Jeroen Joëlle"
        " Katrijn Lieve Maaike Mariëlle Noé Pieter Raphaël Sanne Tjeerd Tobiäs Wouter Ysbrand Zoë"
        " Annemiek Rogier Loïc Désirée",
        family="Aarts Bakker Beëls Brouwers Claeys Daniëls Dijkstra Engelen Frencken Goossens"
        " Haeck Hoekstra Israëls Jansens Kuipers Leën Mertens Michiëls Noordhoek Oosterhuis"
        " Pauwels Quintens Raphaëls Schoonhoven Timmermans Verbeeck Weduwé Ypma Zuidema",
        places="Aalst Alkmaar Beveren Coevorden Drachten Eindhoven Franeker Geraardsbergen Heerlen"
        " Ijmuiden Knokke Leeuwarden Makkinga Oldenzaal Oriënt Poperinge Roermond Steenwijk Tiël"
        " Urk Venray Waregem Zutphen Zuiderzeeën",
        notes="Bakkerij van Dam|Cliënten Advies|Bloemisterij Zonneschijn|Coöperatieve Melk"
        "|terugbellen na vakantie|offerte verstuurd|geen interesse|vóór vrijdag|financiën rond"
        "|Reünie Reizen|Garage Smit|één bestelling",
    ),
    Language(
        name="swedish", usual="cp1252", others=_WEST,
        given="Agneta Annika Bengt Birgitta Bosse Börje Dagny Elsa Gösta Gunnel Hjördis Ingvar"
        " Jönsson Kerstin Kjell Lovisa Majken Märit Nils Ölve Pär-Olof Ragnvald Rönnaug Siv"
        " Stellan Torbjörn Tyra Ulla Viveca Ylva Åsulf Östen",
        family="Ahlgren Almlöf Backlund Björkegren Blomkvist Brännström Dahlbäck Edström Eklöf"
        " Fältskog Forsgård Gränsbo Grönvall Hallström Hägglöf Högberg Idström Jällander Källgren"
        " Körling Lagerlöf Lövdén Malmstén Mörner Näslund Odhner Påhlsson Qvarnström Rådström"
        " Sandén Skärgård Stålhammar Söderqvist Tjäder Törnros Ugglås Vårdal Westergård Åhlund",
        places="Alingsås Arvika Bollnäs Borgholm Enköping Falköping Grästorp Hallstahammar"
        " Härnösand Höganäs Jokkmokk Karlskoga Kungälv Köping Landskrona Lidköping Mjölby Motala"
        " Nässjö Oxelösund Piteå Ronneby Sollefteå Strängnäs Söderköping Tidaholm Tranås"
        " Vänersborg Ystad",
        notes="Bröderna Lundin Åkeri|Grönsakshallen|Snickeri Väst|Båtvarvet|El & Rör i Norr"
        "|Frisör Saxen|återkom i höst|väntar på svar|offert skickad|sjuk|behöver tänka|Däckhuset"
        "|Trädgårdsmästarna|ej intresserad|möte inställt",
    ),
    Language(
        name="danish", usual="cp1252", others=_WEST,
        given="Asbjørn Bente Birthe Bodil Dorthe Ebbe Esbjørn Freja Gorm Grethe Hjalmar Inger"
        " Jannik Karsten Kjeld Lisbeth Mogens Niels Pernille Preben Rigmor Sigurd Sørn Thøger"
        " Troels Ulrik Vibeke Ægir Øjvind Ålaug",
        family="Abildgård Ankjær Bjerregård Bundgård Bøgelund Christoffersen Damgård Elkjær"
        " Fjeldsø Frølund Grønkjær Gråbæk Hedegård Hjorthøj Hvidkjær Høeg Høyrup Iversen Kallesøe"
        " Kirkegård Knudstrup Krøyer Lindegård Løkkegaard Munkholm Mølbæk Nørby Overgård Ploug"
        " Ravnsbæk Rosenkjær Skovsgård Sølvsten Thygesen Tøfting Vestergård Vinterbøg Ægidius"
        " Åkjær",
        places="Allerød Assentorp Billund Brønderslev Dragør Faxe Frederiksværk Fåborg Grenå"
        " Græsted Gørlev Haderslev Hundige Ikast Jyllinge Kalundborg Korsør Løgstør Løkken Marstal"
        " Middelfart Nykøbing Odder Præstø Ringkøbing Skælskør Svendborg Sønderlev Tårnby Vejle"
        " Ølstykke",
        notes="Bageriet på Hjørnet|Møbelhuset|Tømrer Holst|Rørsmeden|Vognmand Krogh|Blomsterkælder"
        "|ring igen|afventer svar|tilbud sendt|ikke hjemme|på barsel|Frugtgården|Skønhedsklinik"
        "|aflyst|betænkningstid",
    ),
    Language(
        name="norwegian", usual="cp1252", others=_WEST,
        given="Anbjørg Arnfinn Asgeir Bergljot Bjørnar Dagfinn Eldbjørg Espen Frøydis Gjertrud"
        " Gunnvor Hallgeir Ingebjørg Jorunn Kjersti Ljøsne Magnhild Njål Oddbjørn Ragna Rønnaug"
        " Sigbjørn Steinar Sølve Terje Torbjørg Vegard Wenche Ørjan Åslaug",
        family="Aasgård Bakkehaug Berntsen Bjørgo Breivåg Brøgger Dalbø Eikrem Fjærvoll Flåten"
        " Fossøy Grønli Gudbrandsen Haugsbø Hellesø Hovdenåk Håkonsen Isaksætre Kjønsberg Kråkenes"
        " Kvåle Langåker Lindås Lyngstøl Mæland Mørkved Nordbø Oppegård Raknerud Rødseth Røyrvik"
        " Skjåvik Solvåg Stensrød Sæbø Tjøstheim Tråsdahl Ulvøy Vågen Ytterdal Ødemark Åmli",
        places="Alta Arendal Bømlo Dombås Egersund Fauske Flekkefjord Farsund Gjøvdal Grimstad"
        " Høyanger Kirkenes Kristiansund Kvinnherad Langesund Larvik Leirvik Lødingen Mandal Nærbø"
        " Otta Porsgrunn Rjukan Sortland Stjørdal Svolvær Sætervik Tønsberg Ulsteinvik Vågå Ørsta"
        " Årdal",
        notes="Bakeriet på Torget|Rørlegger Vest|Snekker Dahl|Båtbyggeri Sør|Hårstudio|Fiskebåten"
        "|ringe tilbake|venter på svar|tilbud sendt|på ferie|trenger tid|Gårdsbutikken"
        "|Kjøkkenhuset|avlyst|går videre",
    ),
    Language(
        name="finnish", usual="cp1252", others=_WEST,
        given="Ahti Annikki Eero Hilkka Ilpo Irmeli Jäärä Kaarina Kalervo Lyyli Määtti Mirja Oiva"
        " Onerva Päiviö Raija Sirkka Säde Taimi Tellervo Terttu Tyyne Urpo Vieno Väinämö Yrjänä",
        family="Ahonen Eskelinen Haapamäki Heikkilä Hyvärinen Härkönen Jääskeläinen Kärkkäinen"
        " Kääriäinen Kettunen Lepistö Lähteenmäki Myllymäki Mäntylä Määttänen Nykänen Närhi"
        " Ojanperä Pääkkönen Rytkönen Räikkönen Salmela Seppälä Suhonen Sälli Syrjälä Tähkäpää"
        " Tuominen Töyrylä Väyrynen Välimäki Ylitalo Yli-Jyrä Yrjölä",
        places="Alajärvi Forssa Hanko Heinävesi Iisalmi Imatra Joensuu Kitee Kajaani Kemijärvi"
        " Kerava Kiuruvesi Kylmäkoski Lapinjärvi Lieksa Mikkeli Mäntyharju Naantali Nivala Närpiö"
        " Orivesi Pieksämäki Pyhäjärvi Raahe Riihimäki Sastamala Suolahti Särkisalo Töysä Ylöjärvi",
        notes="Leipomo Tähkä|Rakennus Pöllö|Kukkakauppa Lilja|Sähkötyö Lahtinen|Autohuolto Pyörä"
        "|soita uudelleen|odottaa vastausta|tarjous lähetetty|ei kiinnosta|lomalla|päätös syksyllä"
        "|Kenkäkauppa|Hyvän mielen kahvila|peruttu",
    ),
    Language(
        name="icelandic", usual="cp1252", others=("iso8859-1", "mac_iceland"),
        given="Aðalbjörg Arnþór Ásdís Birgir Bryndís Dagbjört Eyþór Friðrik Guðlaug Gunnþórunn"
        " Hallgrímur Hjálmar Hrönn Ívar Jökull Kolbrún Lárus Lóa Ófeigur Ragnheiður Snæfríður"
        " Steingrímur Þorgerður Þórarinn Úlfar Ögmundur",
        family="Arnórsson Ásgeirsdóttir Baldvinsson Björgvinsdóttir Eyjólfsson Friðriksdóttir"
        " Geirsson Guðbrandsson Hálfdánarson Hermannsdóttir Ingólfsdóttir Kjartansson"
        " Þorsteinsdóttir Njálsson Ófeigsdóttir Rúnarsson Sæmundsdóttir Tryggvason Víglundsson"
        " Zoëga Ögmundsdóttir",
        places="Akranes Blönduós Borgarnes Bolungarvík Dalvík Djúpivogur Egilsstaðir Eskifjörður"
        " Flúðir Grindavík Hveragerði Höfn Ísafjörður Keflavík Neskaupstaður Ólafsvík Sauðárkrókur"
        " Selfoss Seyðisfjörður Stykkishólmur Vík Þorlákshöfn",
        notes="Bakaríið við Höfnina|Fiskbúð Suðurlands|Bílaþjónusta|Blómabúð|hringja síðar"
        "|tilboð sent|í fríi|bíður svars|greitt|Trésmíði ehf|hætt við",
    ),
)  # fmt: skip
