# ruff: noqa: RUF001 - Turkish has a letter of its own that looks like an i.
"""Languages as files of customers show them: names, places and notes, and their code pages."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Language:
    """Words of a language that look real; `usual` is its code page on Windows."""

    name: str
    usual: str
    others: tuple[str, ...]
    given: str
    family: str
    places: str
    notes: str

    @property
    def texts(self) -> tuple[str, ...]:
        """All that it has."""
        return (self.given, self.family, self.places, self.notes)


_WEST = ("iso8859-1", "iso8859-15", "cp850", "mac_roman")
_EAST = ("iso8859-2", "cp852")

LANGUAGES = (
    Language(
        name="spanish", usual="cp1252", others=_WEST,
        given="Ana Óscar Íñigo María José Begoña Sofía Andrés Lucía Raúl Inés Toño Pilar Luis",
        family="Muñoz Núñez Díaz Peña Ibáñez Ordóñez López Gómez Vera Ruiz Yáñez Güell Rey",
        places="Cádiz Logroño Bogotá León Málaga Coruña Ávila Mérida Quito Lima Jaén Toledo",
        notes="llamar mañana|año próximo|sin teléfono|visita el miércoles|ok|¿cuándo?|avión",
    ),
    Language(
        name="french", usual="cp1252", others=_WEST,
        given="Zoé Benoît Hélène François Anaïs Jérôme Gaëlle Émile Marc Léa Noël Inès Paul Chloé",
        family="Lefèvre Brûlé Garçon Dubois Hébert Crépin Lemaître Béranger Roux Delâge Petit Gué",
        places="Besançon Nîmes Orléans Sète Paris Épinal Béziers Lyon Liège Genève Alès Châlons",
        notes="rappeler après l'été|déjà vu|payé|où est-il ?|à côté de la gare|reçu|ça va|ok|élève",
    ),
    Language(
        name="german", usual="cp1252", others=_WEST,
        given="Jörg Käthe Götz Bärbel Jürgen Anna Günter Sören Max Dörte Lena Björn Tim Änne",
        family="Möller Groß Weiß Schäfer Krüger Bauer Jäger Köhler Grün Voß Lang Höß Bäcker Übel",
        places="Köln Münster Lübeck Gießen Fürth Bonn Zürich Würzburg Wien Görlitz Öhringen Ulm",
        notes="Straße 5|für März|später|prüfen|groß|ok|Rückruf Dienstag|Büro schließt",
    ),
    Language(
        name="italian", usual="cp1252", others=_WEST,
        given="Nicolò Noè Luca Giosuè Chiara Niccolò Marta Salomè Mosè Paolo Gesù Aldo",
        family="Calò Rossi Cossù Nicolò Forlì Bianchi Zanè Cantù Viganò Conti Pirlò Mulè Libertà",
        places="Forlì Cantù Cefalù Roma Nardò Patti Santhià Milano Pinè Torino Zanè Città",
        notes="perché no|già pagato|città|più tardi|ok|lunedì|è in ferie|venerdì|qualità|però",
    ),
    Language(
        name="portuguese", usual="cp1252", others=_WEST,
        given="João Inês Conceição António Luís Fátima Simão Rui Lúcia Mário Helena Estêvão Íris",
        family="Simões Magalhães Araújo Gonçalves Assunção Brandão Sá Costa Falcão Guimarães Reis",
        places="Lisboa Évora Guimarães Belém Maringá Setúbal Porto Portimão Olhão Chã Macapá",
        notes="amanhã|não ligar|reunião às três|ação|ok|avó|orçamento até sexta|já pagou|mês",
    ),
    Language(
        name="swedish", usual="cp1252", others=_WEST,
        given="Åsa Göran Märta Björn Lars Pär Örjan Lena Håkan Sara Åke Anna Sören Ängla",
        family="Öberg Sjöström Åkesson Lindh Hägg Bäckström Öst Bergström Ek Nyström Lövgren",
        places="Malmö Göteborg Västerås Örebro Lund Umeå Luleå Växjö Åre Gävle Södertälje Kalmar",
        notes="ringa på måndag|köpt förra året|ok|nästa vår|får rabatt|hör av sig|två möten",
    ),
    Language(
        name="danish", usual="cp1252", others=_WEST,
        given="Søren Bjørn Åge Jørgen Kåre Mette Sørine Hans Dagmar Børge Lærke Ane Ørnulf",
        family="Kjær Sørensen Nygård Ørsted Bæk Holm Højgaard Dahl Skjær Østergård Krag Mørk",
        places="Århus Køge Odense Ærø Helsingør Tromsø Bodø Ålborg Oslo Sæby Hjørring Ålesund",
        notes="ringer på torsdag|køb i år|ok|får tilbud|prøve|næste måned|møde kl. 9|på ferie",
    ),
    Language(
        name="finnish", usual="cp1252", others=_WEST,
        given="Päivi Väinö Kyösti Aino Jyrki Seppo Hämä Mikko Äkkä Yrjö Pirjo Ilmö",
        family="Mäkinen Hämäläinen Järvinen Aalto Väisänen Niemi Lämsä Pöysti Rönkä Sääskö Koski",
        places="Jyväskylä Hämeenlinna Espoo Seinäjoki Oulu Kärsämäki Pöytyä Ähtäri Vaasa Mäntsälä",
        notes="soita myöhemmin|hyvä|kesällä|ok|tilaus lähti|ensi vuonna|käynti tiistaina|työ",
    ),
    Language(
        name="polish", usual="cp1250", others=_EAST,
        given="Łucja Żaneta Paweł Grażyna Wąs Ania Świętosława Józef Bożena Marek Michał Zośka",
        family="Świątek Źrebak Wójcik Dąbrowska Nowak Król Zięba Kaźmierczak Łąk Gąska Wrona Ćwik",
        places="Łódź Świnoujście Kraków Poznań Gdynia Gdańsk Żary Toruń Elbląg Radom Śrem Kęty",
        notes="zadzwonić później|już zapłacił|ok|spotkanie w środę|faktura wysłana|następny rok",
    ),
    Language(
        name="czech", usual="cp1250", others=_EAST,
        given="Jiří Božena Šárka Tomáš Ondřej Jan Vojtěch Žofie Růžena Petr Alžběta Zdeněk Eva",
        family="Dvořák Novotný Šťastný Růžička Němcová Kučera Hájek Beneš Žižka Král Vlk Ťuk",
        places="Plzeň Děčín Třebíč Brno Říčany Žďár Praha Chrudim Kroměříž Ústí Šumperk Jihlava",
        notes="zavolat příští týden|už zaplatil|ok|schůzka v úterý|nabídka odešla|příliš žluť",
    ),
    Language(
        name="hungarian", usual="cp1250", others=_EAST,
        given="Ágnes Győző Zsófia Béla Erzsébet Ödön Jenő Zoltán Éva Gergő Őrs Lajos Csilla",
        family="Szabó Kőszegi Tóth Győri Nagy Erdős Fűzfa Takács Hegedűs Kis Sütő Vörös Bíró",
        places="Győr Gyöngyös Pécs Kőszeg Budapest Hódmezővásárhely Szűcsi Eger Makó Fertőd Ózd",
        notes="hívni jövő héten|már fizetett|ok|találkozó kedden|küldött ajánlat|jövő évtől|fűtés",
    ),
    Language(
        name="turkish", usual="cp1254", others=("iso8859-9", "cp857"),
        given="Çağla Işık Şule Oğuz Emre Gülşen İlknur Barış Ayşe Deniz Tuğba Ümit Efe Nuri",
        family="Günay Yıldız Şahin Öztürk Doğan Çelik Taş Kılıç Güneş Er Aydın Işıl Şimşek Kaya",
        places="Niğde Elazığ Muğla Bolu İzmir Eskişehir Iğdır Kütahya Ankara Şanlıurfa Çorum Muş",
        notes="yarın ara|ödendi|tamam|görüşme salı günü|teklif gönderildi|gelecek yıl|ışık|şimdi",
    ),
    Language(
        name="russian", usual="cp1251", others=("koi8-r", "cp866", "iso8859-5", "mac_cyrillic"),
        given="Анна Юрий Ольга Пётр Наталья Сергей Жанна Илья Мария Фёдор Ксения Олег",
        family="Иванова Щукин Цветаева Соловьёв Кузнецов Лебедев Орлова Жуков Белый Эрнст Мышкин",
        places="Москва Казань Тверь Пермь Омск Ярославль Сочи Псков Уфа Тула Ейск Выборг",
        notes="позвонить завтра|уже оплатил|встреча во вторник|нет ответа|большая сделка|счёт",
    ),
    Language(
        name="greek", usual="cp1253", others=("iso8859-7", "cp737"),
        given="Άννα Γιώργος Ελένη Νίκος Ζωή Χρήστος Ίρις Θάλεια Πέτρος Σοφία Όλγα Ηλίας",
        family="Παπάς Δήμου Ξένος Ρήγας Μαύρος Ψαράς Βλάχος Φωτιάδης Κόλλιας Λάμπρου Ύδρας",
        places="Αθήνα Πάτρα Βόλος Χανιά Ρόδος Ιωάννινα Κέρκυρα Θήβα Σπάρτη Άργος Ξάνθη Έδεσσα",
        notes="κλήση αύριο|πληρώθηκε|συνάντηση την Τρίτη|καμία απάντηση|μεγάλη πώληση|ήδη",
    ),
    Language(
        name="japanese", usual="cp932", others=("euc_jp", "iso2022_jp"),
        given="花子 太郎 さくら 健一 みどり 恵美 翔太 美咲",
        family="田中 佐藤 鈴木 高橋 渡辺 山本 中村 小林",
        places="東京 大阪 名古屋 札幌 福岡 京都 横浜 仙台",
        notes="明日電話|支払済み|来週の会議|見積書を送付|返事なし|担当者変更",
    ),
)  # fmt: skip
