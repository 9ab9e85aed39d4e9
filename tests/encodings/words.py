# ruff: noqa: RUF001 - Turkish has a letter of its own that looks like an i.
"""Words of some languages with the letters that tell them apart, written for `derive`.

What they are derived from otherwise has too few of these in the places where names have them.
"""

WORDS = {
    "it": """
        è é più già però perché poiché affinché benché finché né sé così lì là giù su può ciò
        cioè sarà farà dirà verrà arriverà pagherà chiamerà manderà avrà potrà dovrà andrà
        tornerà città società attività qualità quantità possibilità novità priorità proprietà
        libertà verità età metà università disponibilità responsabilità opportunità pubblicità
        unità difficoltà realtà facoltà lunedì martedì mercoledì giovedì venerdì mezzodì tribù
        virtù gioventù schiavitù menù caffè tè papà Forlì Cantù Cefalù Nardò Santhià Mondovì
        Cefalà Patù Corfù Perù Canicattì Mandrì Pralormò Cirò Roddì Rovarè Carrù Cuorgnè Agliè
        Rosà Almè Bagnarà Salò Paternò Zafferanò Nicolò Niccolò Noè Giosuè Mosè Salomè Totò Pelè
        Calò Cossù Viganò Fanfò Barillà Cavallè Bertolè Cutrì Laganà Licà Macrì Surdò Romanò
        Pinnà Scirè Torrisì Foderà Giuffrè Mulè Zanè Zambonì Marrè Morabità Nicolosì Carbò Rodà
        Cananà Condò Versò Pirrò Galì Alì Cardì Tomà Bonomè Mondò pagò chiamò arrivò parlò
        comprò andò firmò inviò ordinò accettò rifiutò tornò finì capì partì sentì bebè comò
        oblò falò paltò bignè purè ragù tiramisù lassù quaggiù laggiù quassù blu quì ohibò
        sanità parità umidità capacità comunità entità identità velocità varietà necessità
        modalità specialità elettricità
    """,
    "nb": """
        Tromsø Bodø Vardø Vadsø Florø Hitra Frøya Kragerø Karmøy Askøy Brønnøysund Måløy Averøy
        Jeløy Tjøme sjø miljø øy Nøtterøy Risør Rørvik Orkanger Moøya Hvaler Senjø Andøy Herøy
        Sørøya Øystein Bjørn Jørgen Kåre Håkon Åse Pål Øyvind Sølvi Bård Gøran Vårin Ådne Jørn
        Søren Trygve Målfrid Ragnhild Åge Åshild Ålesund Bærum Førde Hønefoss Lillestrøm
        Hammerfest Kongsvinger Gjøvik Mosjøen Røros Sandnessjøen Ødegård Bjørnstad Sørensen
        Nygård Bråten Strømme Høiby Løken Sætre Haugerød Østby Solbø Rønning Næss Kjær Åsen
        Håland Sørlie Brørs måned møte på ålreit år får prøve selskap tilbud dårlig ønsker
        kjøper køyrer næring først større også før gjøre være både gå når så høst vår lørdag
        søndag hjørne kjøp påminnelse avslått bestått løfte åpen lånt nærme grønn rød blå
        hvitløk brød smørbrød
    """,
    "da": """
        Samsø Læsø Ærø Fanø Rømø Mandø Tunø Fejø Femø Askø Lyø Avernakø Strynø Drejø Bogø Saltø
        Hesselø Omø Agersø Hjelmø sø ø miljø frø tø kø mø Rødovre Brøndby Køge Sorø Nakskov
        Nyborg Assens Bornholm Sjælland Søren Jørgen Åse Bjørn Børge Pæl Kåre Anægte Sæby Rønne
        Hobrø Næstved Tønder Holbæk Lyngbø Skærbæk Åbenrå Aalborg Nørresundby Sønderborg måned
        møde på år får prøve køber kører før også når så gå både større hjørne køb påmindelse
        åben lån nær grøn rød blå æble brød smørrebrød ønsker Bæk Kjær Nørgaard Sørensen Skov
        Østergaard Lærke Møller Jørgensen Kærgaard Nygård Bøgh Brøns Dahlgård Højlund Ågesen
    """,
    "nl": """
        coördinator reünie geïnteresseerd België Italië ideeën zeeën financiële patiënt
        categorieën industriële officiële efficiënt één vóór vóórkomen café privé comité paté
        coupé André René Zoë Noël Joël Daniëlle Michaël Raphaël Gaëlle Chloë Loïs Aïda Curaçao
        façade garçon crème scène enquête überhaupt geüpdatet coöperatie zoölogie beëindigen
        geërgerd drieëntwintig tweeëntwintig poëzie ruïne egoïst
    """,
    "es": """
        mañana año años señor señora niño pequeño diseño compañía España español montaña piña
        caña baño otoño dueño sueño teléfono también después reunión dirección atención
        información próximo último público económico técnico jurídico crédito débito día
        miércoles sábado línea país más está llamó pagó envió volverá será podrá tenía había
        según además aquí allí así sólo García Martínez Rodríguez González Hernández Pérez
        Sánchez Ramírez Gutiérrez Jiménez Álvarez Domínguez Vázquez Suárez Benítez Giménez
        Cortés Marín Rincón Núñez Muñoz Peña Ibáñez Ordóñez Yáñez Zúñiga Cañas Patiño Avendaño
        Castañeda Quiñones Bolaños Montañés Agüero Argüello Güemes Ángel Íñigo Óscar Úrsula
        Begoña Iñaki Málaga Cádiz Córdoba Jaén León Logroño Coruña Ávila Mérida Cáceres Almería
        Sanlúcar Bogotá Medellín Ibagué Cancún Querétaro Mazatlán Asunción Perú Canadá Panamá
        Japón pingüino vergüenza cigüeña
    """,
    "fr": """
        été déjà très après même être où là voilà ça français reçu façade leçon garçon François
        Françoise Curaçao garçonnet réunion société téléphone adresse énergie marché qualité
        année février août décembre médecin père mère frère sœur cœur œuvre bœuf vœux nœud Œuvre
        élève prêt fête forêt hôtel hôpital bientôt goût dîner île maître Noël Noé Zoé Chloé
        Gaëlle Raphaël Maël Joël Anaïs Loïc Eloïse Benoît Jérôme Hélène Éric Émilie Étienne
        Désirée André Renée Aimée Dorothée Cédric Frédéric Stéphane Geneviève Thérèse Agnès
        Orléans Nîmes Besançon Sète Béziers Mâcon Châlons Genève Liège Évry Québec Montréal
        Trois Lefèvre Lefébure Legrâs Gérard Bénard Crépin Hébert Ménard Léger Prévost Béranger
        Desprès Lécuyer Châtelain Forêt Hervé Brûlé Côté Bélanger Gagné Lévesque payé envoyé
        appelé rappelé livré signé refusé accepté terminé prévu dû sûr mûr jusqu à côté près dès
        idée aiguë ambiguë maïs naïf Haÿ Louÿs Croÿ Faÿ Nicolaÿ Moÿ
    """,
    "de": """
        für über möchte können müssen würde hätte wäre später zurück Rückruf prüfen grün groß
        Größe Straße Grüße süß weiß heißt schließen Fuß Maß Spaß Müller Schröder Köhler König
        Böhm Schäfer Jäger Krämer Günther Vögel Förster Böttcher Kübler Kühn Jürgen Günter Jörg
        Björn Sören Käthe Bärbel Grün Weiß Groß Strauß Voß München Köln Düsseldorf Nürnberg
        Münster Lübeck Würzburg Göttingen Tübingen Zürich Österreich Düren Fürth Gießen Görlitz
        Bückeburg Wörth Öhringen Überlingen Äpfel Ärzte Öl Übung Geschäft Geschäftsführer März
        nächste Woche Büro Verkäufer Käufer Verträge Beträge Länder Gebäude Fällig überfällig
        gekündigt bestätigt
    """,
    "pt": """
        João São Simão Conceição Assunção Gonçalves França Lourenço Mendonça Magalhães Guimarães
        Brandão Falcão Leitão Araújo Antônio Luís Inês Mário Cláudia Patrícia Júlia Sérgio
        Vinícius Érica Íris Álvaro Évora reunião não ação informação orçamento preço serviço
        amanhã manhã irmã maçã lã fã mãe pães órgão avó avô você três mês português após até já
        só também público crédito início próximo
    """,
    "sv": """
        på är för från över under får går står både också när så år månad måndag lördag söndag
        möte köp köpa sälja säljare kör förra nästa vår höst Sjö Malmö Göteborg Västerås Örebro
        Umeå Luleå Växjö Gävle Jönköping Linköping Norrköping Skellefteå Åre Ängelholm Östersund
        Björn Göran Åsa Håkan Sören Mårten Märta Örjan Åke Pär Sjöberg Öberg Åkesson Hägg
        Bäckström Nyström Sjöström Lindström Bergström Håkansson Mårtensson Löfgren Söderberg
        Öhman Ågren
    """,
    "fi": """
        Väinö Päivi Yrjö Jyrki Kyösti Hämäläinen Mäkinen Järvinen Väisänen Pöysti Rönkä Lähde
        Mäki Järvi Jyväskylä Hämeenlinna Seinäjoki Ähtäri Kärsämäki Äänekoski myöhemmin hyvä
        päivä tämä mikä näin lähetä tänään määrä käynti työ yö söi öljy
    """,
    "hu": """
        Szőke Gyöngyös Mohács Bükkösd Gödöllő Siófok Makó Ózd Zsófia Ferenc Gyula Tihamér Előd
        Gellért Kincső Emő Mező Bánfő Győző Jenő Gergő Szabó Tóth Győri Kővári Szűcs Fűzesi
        Hegedűs Sütő Győr Kőszeg Fertőd Szűcsi Hódmezővásárhely Erdő Vörös Bíró Őri Ősz Úr Űr
        Íjász jövő hétfő később idő fő fűtés gyűlés szűk öröm könyv köszönöm ügyfél üzlet áru ár
        óra út új
    """,
    "tr": """
        Çağla Işık Şule Oğuz Gülşen İlknur Barış Ayşe Tuğba Ümit Günay Yıldız Şahin Öztürk Doğan
        Çelik Taş Kılıç Aydın Niğde Elazığ Muğla İzmir İstanbul Eskişehir Iğdır Kütahya yarın
        ödendi görüşme salı günü gönderildi değil şimdi için çok güzel
    """,
    "et": """
        Tõrva Kiviõli Põltsamaa Võru Jõhvi Mõisaküla Õismäe Põlva Rõngu Võsu Jõgeva õpetaja õhk
        kõik tõend nõus võlg põhi sõber mõte
    """,
}
