# ruff: noqa: RUF001 - letters of many scripts look like others.
"""Words of languages of the middle and the south-east of Europe."""

from tests.encodings.languages import Language

_EAST = ("iso8859-2", "cp852", "mac_latin2")

EASTERN = (
    Language(
        name="polish", usual="cp1250", others=_EAST,
        given="Agnieszka Bartłomiej Błażej Bronisław Czesław Elżbieta Genowefa Halina Jędrzej"
        " Kazimiera Lesław Małgorzata Mieczysław Mirosława Radosław Rafał Ryszard Sławomir"
        " Stanisław Tadeusz Wacław Wiesława Władysława Zdzisława Zygmunt Jagoda Kinga Marzena"
        " Honorata",
        family="Bąk Biały Bieńkowska Błaszczyk Brzęczek Chmiel Cieślak Dąbek Dudziński Fijałkowska"
        " Gałązka Głowacka Gołąb Jabłoński Janiszewska Jóźwiak Kaczyńska Kędziora Kołodziej"
        " Kościelny Krzemiński Kwaśniewska Łuczak Majchrzak Mączka Miś Ościk Pająk Piórkowski"
        " Rębacz Rogoziński Siedlecka Słomka Śliwa Śnieżek Ślusarczyk Trzciński Wierzbicki Zając"
        " Żmuda Żółty Ździebło",
        places="Augustów Będzin Bełchatów Białystok Chełm Ciechocinek Czeladź Działdowo Głogów"
        " Grudziądz Iława Inowrocław Jarosław Jasło Kłodzko Konin Łęczyca Łomża Mielec Mława Nysa"
        " Oświęcim Pabianice Piła Płock Przemyśl Rzeszów Sącz Siemianowice Sopot Tczew Wałbrzych",
        notes="Piekarnia Złoty Kłos|Usługi Budowlane|Hurtownia Spożywcza|Zakład Ślusarski"
        "|Warsztat u Zbyszka|Kwiaciarnia Róża|oddzwonić w piątek|czeka na ofertę|umowa podpisana"
        "|brak odpowiedzi|na urlopie|Księgarnia Wiedza|Stolarnia Dąb|rezygnacja|po świętach",
    ),
    Language(
        name="czech", usual="cp1250", others=_EAST,
        given="Aneta Bedřich Blažena Bohuslav Čeněk Dáša Dobromil Drahomíra Hynek Jindřich Jiřina"
        " Květoslava Květa Leoš Luboš Ludmila Matěj Mojmír Otakar Přemysl Radim Rostislav Řehoř"
        " Slávka Světlana Svatopluk Štěpánka Vítězslav Zbyněk Zdislava",
        family="Bartůněk Bělohlávek Brázda Břízová Čapek Čermáková Doležal Fišer Hlaváček"
        " Holubářová Hrdlička Chládek Jeřábek Jirásková Kadlec Kašpar Kopřiva Koťátko Krejčířová"
        " Křížek Lněnička Macháček Moučka Nejedlý Ouředníček Pešek Píšová Pokorná Přibyl Řezáč"
        " Říha Sedláčková Skořepa Smetana Šebesta Špaček Šťovíček Tůma Vaněk Veselá Vondráčková"
        " Zelenka Žáček",
        places="Benešov Beroun Blansko Břeclav Čáslav Domažlice Havlíčkův Hodonín Hořice Jáchymov"
        " Jičín Jindřichův Kadaň Kolín Kutná Litoměřice Louny Mělník Náchod Nymburk Opava Písek"
        " Poděbrady Přerov Příbram Rokycany Semily Svitavy Tábor Tišnov Uherské Vsetín Znojmo",
        notes="Pekařství U Mlýna|Truhlářství Dub|Stavební firma|Květinářství Růže|Autoservis"
        "|Účetní kancelář|zavolat zpět|čeká na nabídku|smlouva podepsána|bez odpovědi|na dovolené"
        "|Řeznictví|Zámečnictví|zrušeno|odloženo",
    ),
    Language(
        name="slovak", usual="cp1250", others=_EAST,
        given="Adriána Alojz Božidara Ctibor Dávid Drahoslav Ervín Gejza Hedviga Jarmila Jozefína"
        " Juraj Kvetoslava Ľudovít Ľuboš Maroš Milota Oľga Rastislav Radoslava Štefánia Vavrinec"
        " Vierka Vladimíra Želmíra",
        family="Baláž Bartoš Bielik Čierny Debnár Ďurica Galbavý Gašpar Hruška Hudák Chovanec"
        " Ivanič Kováčik Kráľ Lipták Ľupták Mäsiar Mikuláš Ondrejka Paľko Petráš Polák Rybár"
        " Sedlák Sloboda Straňák Šimko Škoda Šoltés Tkáč Uhrín Vlček Vrábel Zelený Žitný",
        places="Bardejov Brezno Čadca Detva Galanta Humenné Ilava Kežmarok Komárno Krompachy"
        " Levoča Lučenec Malacky Námestovo Pezinok Poprad Púchov Rožňava Ružomberok Senec Skalica"
        " Sečovce Šaľa Topoľčany Trebišov Trenčín Vráble Zvolen Žiar",
        notes="Pekáreň Klas|Stolárstvo Dub|Stavebná firma|Kvetinárstvo|Účtovníctvo Plus"
        "|zavolať späť|čaká na ponuku|zmluva podpísaná|bez odpovede|na dovolenke|zrušené|dohodnúť",
    ),
    Language(
        name="hungarian", usual="cp1250", others=_EAST,
        given="Abigél Árpád Bálint Boglárka Borbála Cecília Dömötör Edömér Erzsi Fanni Félix"
        " Gedeon Hajnalka Ildikó Izabella Jácint Kálmán Kelemen Lőrinc Magdolna Mátyás Nándor Ottó"
        " Örs Piroska Rózsa Sándor Szilárd Tünde Vince Zsigmond Zsuzsanna",
        family="Ábrahám Bakó Bodnár Bőcz Csizmadia Csonka Dömök Dudás Erdélyi Fazekas Fehérvári"
        " Füredi Gáspár Gönczi Gyarmati Halász Hegyi Hős Illés Juhász Kántor Kerekes Kőműves"
        " Lőrincz Madarász Mészáros Nyitrai Ökrös Pásztor Péterfi Rőth Sipos Somlói Szőllősi Szűts"
        " Tőkés Üveges Vajda Varró Veréb Zöldi Zsoldos",
        places="Ajka Baja Békés Cegléd Csorna Dombóvár Dunaújváros Érd Esztergom Gyula"
        " Hajdúböszörmény Hatvan Jászberény Kalocsa Kazincbarcika Kecskemét Keszthely Kisvárda"
        " Komló Mátészalka Mór Nagykőrös Orosháza Paks Pápa Sárvár Siklós Szeged Szentes"
        " Tiszafüred Tőszeg Vác Zalaegerszeg",
        notes="Pékség a Sarkon|Asztalos Műhely|Építőipari Kft.|Virágbolt|Autószerelő"
        "|Könyvelő Iroda|visszahívni pénteken|ajánlatra vár|szerződés aláírva|nincs válasz"
        "|szabadságon|Hűtőház|Cipőbolt|lemondva|ősszel dönt",
    ),
    Language(
        name="romanian", usual="cp1250", others=("iso8859-2", "mac_romanian"),
        given="Anişoara Aurică Brânduşa Călin Cătălina Costică Dănuţ Doiniţa Fănel Gheorghiţa"
        " Horaţiu Ilinca Ionuţ Lăcrămioara Lenuţa Mădălina Mărioara Măricica Năstase Oană Răzvan"
        " Săndel Smărăndiţa Ştefăniţă Ţuţu Vasilică Viorel Zâna",
        family="Ardeleanu Bălan Băsescu Bărbulescu Buşă Câmpeanu Căpăţână Cârstea Crăciun"
        " Dăscălescu Drăghici Făgărăşan Găină Ghiţă Hărăbor Iacobescu Lăpuşneanu Lupaşcu Măcelaru"
        " Mâţu Mureşanu Năstăsescu Negoiţă Olăraşu Păcurar Pârvulescu Răducanu Sârbu Săvulescu"
        " Ştirbu Tănase Ţăranu Ţepeş Văcărescu Vrânceanu Zăvoianu",
        places="Alexandria Bacău Bistriţa Botoşani Brăila Buzău Câmpina Călăraşi Caransebeş"
        " Cisnădie Dorohoi Făgăraş Feteşti Găeşti Huşi Lugoj Mărăşeşti Medgidia Năvodari Olteniţa"
        " Oneşti Paşcani Râmnicu Rădăuţi Reşiţa Roşiori Săcele Sighişoara Târgovişte Tecuci"
        " Ţăndărei Zărneşti",
        notes="Brutăria Spicul|Tâmplărie Lemn|Construcţii Nord|Florăria Crângul|Service Maşini"
        "|de sunat mâine|aşteaptă oferta|contract semnat|fără răspuns|în concediu|anulat"
        "|după sărbători",
    ),
    Language(
        name="croatian", usual="cp1250", others=_EAST,
        given="Anđa Anđelko Biserka Božena Branimir Dražen Đurđica Gordana Hrvoje Jadranka Jakša"
        " Katica Krešo Ljubica Mladen Nevenka Ožbolt Snježana Slavica Stjepan Štefica Tončica"
        " Vjeko Zvonimira Želimir Žarko",
        family="Alilović Barišić Blažević Brkić Cindrić Čačić Čović Delač Došen Dujmović Đaković"
        " Galić Grgić Herceg Ivančić Jakšić Jurčević Katušić Klasnić Kuštrić Lončarić Mandžukić"
        " Miličević Obradović Pašalić Perković Radočaj Rukavina Sučić Šarčević Šimunić Tadić"
        " Uzelac Vrdoljak Vuković Zidarić Žižić",
        places="Bjelovar Čakovec Crikvenica Đakovo Đurđevac Gospić Imotski Jastrebarsko Knin"
        " Koprivnica Korčula Križevci Kutina Makarska Metković Našice Omiš Opatija Osijek Petrinja"
        " Poreč Požega Samobor Sinj Sisak Šibenik Varaždin Vinkovci Virovitica Vukovar Županja",
        notes="Pekara Klas|Stolarija Hrast|Građevinski obrt|Cvjećarnica Ruža|Auto servis"
        "|nazvati sljedeći tjedan|čeka ponudu|ugovor potpisan|bez odgovora|na godišnjem|Knjižara"
        "|otkazano|važno|više puta",
    ),
    Language(
        name="slovenian", usual="cp1250", others=_EAST,
        given="Alenka Boštjan Breda Domen Erazem Gašper Iztok Jerneja Jože Klavdija Lenčka Matjaž"
        " Metka Miloš Mojca Nejc Polonca Primož Rožle Slavko Špela Tilen Tjaša Uroš Vesna Žiga"
        " Živa",
        family="Ambrožič Bajželj Bečaj Cvetko Čadež Čebular Dolinšek Drnovšek Erjavec Furlan"
        " Gabrščik Hočevar Hribar Jeraj Kavčič Kobal Košir Križaj Kržišnik Lavrič Ločniškar Močnik"
        " Oblak Petrič Pirnat Rožmarin Slapšak Šinkovec Štrukelj Tratnik Uršič Vidmar Zalokar"
        " Žnidaršič",
        places="Ajdovščina Bled Brežice Celje Črnomelj Domžale Gornji Grosuplje Hrastnik Idrija"
        " Izola Jesenice Kočevje Koper Kranj Krško Laško Litija Ljutomer Metlika Mengeš Ormož"
        " Piran Postojna Radovljica Sežana Škofja Trbovlje Tržič Vrhnika Zagorje Žalec",
        notes="Pekarna Žito|Mizarstvo Hrast|Gradbeništvo Sever|Cvetličarna|Avtoservis"
        "|poklicati naslednji teden|čaka ponudbo|pogodba podpisana|brez odgovora|na dopustu"
        "|Računovodstvo|odpovedano|še razmišlja",
    ),
    Language(
        name="turkish", usual="cp1254", others=("iso8859-9", "cp857"),
        given="Aybüke Ayşegül Bahadır Berkay Buğra Cemile Coşkun Doğukan Dürdane Ebru Elif"
        " Ertuğrul Fatoş Gökhan Gülçin Halide Hüseyin İbrahim İnci Kıvanç Kürşat Meltem Müge"
        " Nilgün Oğuzhan Özge Pınar Rıza Sevgi Sıla Şebnem Tülin Uğur Yiğit Yeşim Zeynep",
        family="Akbaş Aksoylu Aktürk Alkış Atalay Ayvaz Bağcı Başaran Beyaz Bozdağ Can Ceylan"
        " Çakıcı Çavuşoğlu Çınaroğlu Dağdelen Demirtaş Dinçer Ekşi Erdoğmuş Eryiğit Gedik Gökçek"
        " Gündüz Hacıoğlu Işıklar İnönü Kabakçı Karabıyık Keskin Kırmızıgül Koçyiğit Küçükler"
        " Mutlu Özbay Pehlivan Sağlam Sarıgül Seçkin Tanrıverdi Tekeli Toprak Uçak Ünlüer Yağmurlu"
        " Yıldırım Zorlu",
        places="Adıyaman Aksaray Alanya Amasya Antakya Ardahan Balıkesir Bandırma Bartın Bayburt"
        " Bilecik Bitlis Bodrum Burdur Çanakkale Çankırı Çeşme Denizli Diyarbakır Edirne Erzurum"
        " Fethiye Giresun Gümüşhane Isparta Kırıkkale Kırklareli Kırşehir Kocaeli Manisa Nevşehir"
        " Ödemiş Sakarya Tekirdağ Uşak Zonguldak",
        notes="Fırıncı Baba|Marangoz Atölyesi|Yapı İnşaat|Çiçekçi Lale|Oto Tamir|Muhasebe Ofisi"
        "|haftaya ara|teklif bekliyor|sözleşme imzalandı|cevap yok|izinde|Kırtasiye Dünyası"
        "|Ayakkabıcı|iptal|düşünüyor",
    ),
)  # fmt: skip
