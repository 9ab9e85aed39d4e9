"""What deals' columns are called in other languages, by systems and by hand, as it is written.

The languages are those that files come in; each system has its own words for the same field.
"""

from collections.abc import Mapping

#: Names of the column that says when a record was created, whatever it is of.
_CREATED = (
    "Erstellungsdatum, Erstelldatum, Erstellt am, Deal erstellt, Angelegt am, Anlagedatum,"
    " Erfasst am, Erfassungsdatum, Date de création, Créé le, Créée le, Date d'ajout, Ajouté le,"
    " Affaire créée, Fecha de creación, Creado el, Fecha de alta, Trato creado, Data creazione,"
    " Data di creazione, Creato il, Creata il, Affare creato, Data de criação, Criado em,"
    " Criada em, Data de criação do negócio, Negócio criado, Aanmaakdatum, Aangemaakt op,"
    " Gemaakt op, Datum aangemaakt, Skapad den, Skapandedatum, Skapades, Datum skapad,"
    " Oprettet den, Oprettelsesdato, Oprettet dato, Opprettet den, Opprettelsesdato,"
    " Opprettet dato, Luotu, Luontipäivä, Luontiaika, Luomispäivä, Data utworzenia,"
    " Utworzono dnia, Utworzony, Data dodania, Dodano, Datum vytvoření, Vytvořeno, Vytvořeno dne,"
    " Založeno, Létrehozás dátuma, Létrehozva, Létrehozás ideje, Oluşturulma tarihi,"
    " Oluşturma tarihi, Oluşturuldu, Kayit tarihi, Дата создания, Создан, Создана, Создано,"
    " Дата добавления, Дата створення, Створено, Ημερομηνία δημιουργίας, Δημιουργήθηκε,"
    " Data creării, Creat la, Creat pe, 作成日, 作成日時, 登録日, 创建日期, 创建时间,"
    " 建立日期, 생성일"
)
#: Names of columns by field, with commas between them.
DEALS: Mapping[str, str] = {
    "title": (
        "Tytuł, Tytuł szansy, Nazwa dealu, Nazwa transakcji, Szansa, Szansa sprzedaży, Temat,"
        " Abschluss-Name, Deal-Titel, Verkaufschance, Geschäftsname, Nom de la transaction,"
        " Nom du deal, Objet, Nom de l'opportunité, Titre de l'affaire, Asunto, Trato,"
        " Nombre del trato, Título del negocio, Nome affare, Nome dell'affare, Nome trattativa,"
        " Nome opportunità, Titolo trattativa, Oggetto, Nome do negócio, Nome da oportunidade,"
        " Título do negócio, Oportunidade, Dealnaam, Kans, Naam kans, Verkoopkans, Onderwerp,"
        " Affär, Affärsnamn, Affärsmöjlighet, Möjlighet, Rubrik, Aftale, Aftalenavn, Handel,"
        " Salgsmulighed, Mulighed, Emne, Avtale, Avtalenavn, Salgsmulighet, Mulighet, Tittel,"
        " Kauppa, Kaupan nimi, Otsikko, Mahdollisuus, Myyntimahdollisuus, Aihe, Příležitost,"
        " Název příležitosti, Název obchodu, Obchod, Obchodní příležitost, Üzlet, Üzlet neve,"
        " Lehetőség, Lehetőség neve, Tárgy, Firsat, Firsat Adi, Anlaşma, Anlaşma Adi, Başlik,"
        " Konu, Имя сделки, Тема, Наименование, Возможность, Название возможности, Τίτλος,"
        " Συμφωνία, Όνομα συμφωνίας, Ευκαιρία, Nume, Oportunitate, Titlu, 取引名, 商談名, 件名,"
        " 案件名, タイトル, 交易名称, 商机名称, 商机, 标题, 名称, 机会名称"
    ),
    "amount": (
        "Summe netto, Nettosumme, Nettobetrag, Betrag netto, Gesamtbetrag, Auftragssumme,"
        " Erwarteter Umsatz, Dealbetrag, Montant HT, Montant de la transaction,"
        " Montant de l'affaire, Revenu attendu, Revenu espéré, Chiffre d'affaires,"
        " Ingreso esperado, Ingresos esperados, Importe del negocio, Valor del negocio,"
        " Valor del trato, Ricavo previsto, Ricavo atteso, Ricavi attesi, Importo trattativa,"
        " Valore affare, Valore dell'affare, Valore trattativa, Valor do negócio,"
        " Receita esperada, Valor da oportunidade, Montante, Verwachte omzet, Omzet, Dealwaarde,"
        " Förväntad intäkt, Affärsvärde, Summa, Beløb, Værdi, Forventet omsætning,"
        " Forventet indtægt, Verdi, Forventet inntekt, Forventet omsetning, Arvo, Kaupan arvo,"
        " Odotettu tuotto, Kwota szansy, Wartość szansy, Wartość transakcji, Przychód,"
        " Oczekiwany przychód, Spodziewany przychód, Hodnota obchodu, Očekávaný příjem,"
        " Očekávaný výnos, Cena, Érték, Üzlet értéke, Várható bevétel, Değer, Anlaşma tutari,"
        " Firsat tutari, Beklenen gelir, Бюджет, Ожидаемый доход, Ожидаемая выручка, Сума,"
        " Вартість, Ποσό, Αξία, Αναμενόμενα έσοδα, Suma, Valoare, Venit estimat, 金額, 取引金額,"
        " 商談金額, 予想収益, 見込み金額, 金额, 交易金额, 商机金额, 预计收入, 预期收益"
    ),
    "currency": (
        "Pénznem, Deviza, Para birimi, Döviz, Νόμισμα, Valuutta, Währung des Wertes,"
        " Devise de la valeur, 通貨, 货币, 币种"
    ),
    "stage": (
        "Etap, Etap szansy, Etap sprzedaży, Etap transakcji, Phase der Verkaufschance,"
        " Étape de la transaction, Étape de l'affaire, Étape de l'opportunité, Étape de vente,"
        " Etapa de la oportunidad, Etapa de venta, Etapa del trato, Fase del negocio,"
        " Fase dell'affare, Fase trattativa, Fase di vendita, Fase dell'opportunità,"
        " Stadio trattativa, Etapa do negócio, Fase do negócio, Estágio, Estágio do negócio,"
        " Fase da oportunidade, Estágio de venda, Dealfase, Verkoopfase, Fas, Affärsfas, Säljfas,"
        " Steg, Affärssteg, Salgsfase, Aftalefase, Trin, Avtalefase, Trinn, Vaihe, Myyntivaihe,"
        " Kaupan vaihe, Fáze, Fáze prodeje, Fáze obchodu, Fáze příležitosti, Szakasz, Fázis,"
        " Üzlet szakasza, Értékesítési szakasz, Értékesítési fázis, Aşama, Satiş aşamasi,"
        " Firsat aşamasi, Anlaşma aşamasi, Этап продажи, Этап воронки, Стадия продажи, Стадія,"
        " Етап, Στάδιο, Στάδιο συμφωνίας, Φάση, Stadiu, Fază, ステージ, 取引ステージ, フェーズ,"
        " 商談フェーズ, 阶段, 销售阶段, 交易阶段, 商机阶段, Stav, Állapot, Tila, Durum, Статус,"
        " Статус сделки, Состояние, Κατάσταση, ステータス, 状態, 状态"
    ),
    "outcome": (
        "Stav, Állapot, Tila, Durum, Статус, Статус сделки, Состояние, Κατάσταση, ステータス,"
        " 状態, 状态, Stare, Wynik, Résultat, Resultado, Risultato, Resultaat, Resultat"
    ),
    "expected_close": (
        "Erwartetes Abschlussdatum, Erwarteter Abschluss, Erwarteter Abschlusstermin,"
        " Clôture prévue, Date de clôture souhaitée, Date de fermeture prévue, Fermeture prévue,"
        " Cierre esperado, Cierre previsto, Fecha de cierre esperada, Chiusura prevista,"
        " Data di chiusura prevista, Fechamento esperado, Data prevista de fechamento,"
        " Data de fechamento esperada, Previsão de fechamento, Verwachte afsluitdatum,"
        " Verwachte afsluiting, Förväntat slutdatum, Förväntad stängning, Beräknat slutdatum,"
        " Forventet lukkedato, Forventet lukning, Forventet slutdato, Forventet avslutning,"
        " Forventet lukking, Forventet sluttdato, Odotettu päättymispäivä,"
        " Arvioitu sulkemispäivä, Odotettu sulkeutuminen, Przewidywane zamknięcie,"
        " Oczekiwana data zamknięcia, Spodziewane zamknięcie, Planowana data zamknięcia,"
        " Očekávané datum uzavření, Předpokládané datum uzavření, Očekávané uzavření,"
        " Várható zárás, Várható lezárás, Várható zárási dátum, Beklenen kapaniş,"
        " Beklenen kapaniş tarihi, Tahmini kapaniş tarihi, Ожидаемая дата закрытия,"
        " Ожидаемое закрытие, Плановая дата закрытия, Αναμενόμενο κλείσιμο,"
        " Αναμενόμενη ημερομηνία κλεισίματος, Închidere estimată, 予想クローズ日, 完了予定日,"
        " 見込みクローズ日, 受注予定日, 预计成交日期, 预计结束日期, 预期关闭, 预计关闭日期"
    ),
    "close_date": (
        "Data zamknięcia, Abschlusstermin, Date de fermeture, Date de conclusion, Fecha de fin,"
        " Data de fecho, Afsluitdatum, Datum gesloten, Slutdatum, Avslutsdatum, Stängningsdatum,"
        " Slutdato, Lukkedato, Lukningsdato, Avslutningsdato, Sluttdato, Sulkemispäivä,"
        " Päättymispäivä, Sulkeutumispäivä, Datum uzavření, Datum uzavření obchodu, Zárás dátuma,"
        " Lezárás dátuma, Bezárás dátuma, Zárási dátum, Kapaniş tarihi, Дата закрытия,"
        " Дата завершения, Дата закриття, Ημερομηνία κλεισίματος, Data închiderii, クローズ日,"
        " 終了日, 关闭日期, 结束日期, 成交日期"
    ),
    "owner": (
        "Właściciel szansy, Sprzedawca, Handlowiec, Osoba odpowiedzialna, Przypisany do,"
        " Zuständiger Mitarbeiter, Vertriebsmitarbeiter, Vertriebler, Sachbearbeiter,"
        " Zugewiesen an, Propriétaire de la transaction, Responsable de l'affaire,"
        " Chargé d'affaires, Assigné à, Attribué à, Propietario del negocio,"
        " Propietario de la oportunidad, Propietario del trato, Comercial, Asignado a,"
        " Proprietario dell'affare, Proprietario trattativa, Addetto vendite, Assegnato a,"
        " Commerciale, Proprietário do negócio, Responsável pelo negócio, Atribuído a,"
        " Dealeigenaar, Verkoper, Verantwoordelijke, Toegewezen aan, Affärsägare, Säljare,"
        " Ansvarig säljare, Tilldelad till, Aftaleejer, Sælger, Avtaleeier, Selger, Omistaja,"
        " Myyjä, Vastuuhenkilö, Kaupan omistaja, Vlastník, Obchodník, Prodejce, Odpovědná osoba,"
        " Vlastník obchodu, Tulajdonos, Értékesítő, Felelős, Sahibi, Sorumlu, Satiş temsilcisi,"
        " Satiş elemani, Firsat sahibi, Anlaşma sahibi, Менеджер, Владелец, Владелец сделки,"
        " Продавец, Відповідальний, Власник, Ιδιοκτήτης, Υπεύθυνος, Πωλητής, Proprietar,"
        " Responsabil, Vânzător, 取引担当者, 所有者, 商談所有者, 営業担当, 営業担当者, 负责人,"
        " 所有人, 销售人员, 商机所有人, 交易所有者"
    ),
    "customer": (
        "Klant, Klantnaam, Konto, Konto-Name, Nazwa konta, Nazwa klienta, Compte, Nom du compte,"
        " Nom du client, Cuenta, Nombre de la cuenta, Nombre del cliente, Nome account,"
        " Nome cliente, Conta, Nome da conta, Nome do cliente, Zákazník, Účet, Název účtu,"
        " Ügyfél, Ügyfél neve, Fiók, Müşteri, Müşteri adi, Hesap, Hesap adi, Клиент, Контрагент,"
        " Заказчик, Клієнт, Πελάτης, Λογαριασμός, Client, Cont, Companie, 顧客, 顧客名, 取引先,"
        " 取引先名, 組織, 客户, 客户名称, 组织"
    ),
    "lost_reason": (
        "Grund für Verlust, Verlorener Grund, Raison perdue, Raison de perte, Motif de la perte,"
        " Raison de la perte, Razón de pérdida, Motivo de la pérdida, Razón de la pérdida,"
        " Motivo perdita, Motivo di perdita, Motivo da perda, Motivo de perda, Verliesreden,"
        " Reden verlies, Reden van verlies, Förlustorsak, Anledning till förlust, Tabsårsag,"
        " Årsag til tab, Tapsårsak, Årsak til tap, Tappion syy, Häviön syy, Powód przegranej,"
        " Powód utraty, Powód straty, Důvod ztráty, Důvod prohry, Veszteség oka, Elvesztés oka,"
        " Kayip nedeni, Kaybetme nedeni, Причина проигрыша, Причина потери, Λόγος απώλειας,"
        " Motivul pierderii, 失注理由, 丢单原因, 输单原因, 流失原因"
    ),
    "created_at": _CREATED,
}
