INSERT INTO companies
  (company_id, created_in, changed_in, created_at, updated_at, name, currency, timezone, fiscal_month)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210baa4897abe995a9b590d5707bc', '2026-03-02 09:07:00.000000', '2026-03-02 09:07:00.000000', 'Alder Tools', 'EUR', 'UTC', 1),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', 'Birch Ltd', 'USD', 'UTC', 1);

INSERT INTO changes
  (company_id, id, ref, at, actor_id, actor, origin, command, reason, overrides, undoes, undone_in, final)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '9b590d5707bc', '2026-03-02 09:07:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl init ''Alder Tools'' --user Ada --email ada@alder.example --currency EUR', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa53c724d9e489b6affb6d030', '9b6affb6d030', '2026-03-02 09:14:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl franchise add North', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa5b871e2848f688d71ef205c', '688d71ef205c', '2026-03-02 09:21:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl user add Ben --email ben@alder.example --in North', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa63176fd883cc0d0033097dc', 'c0d0033097dc', '2026-03-02 09:28:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl field add customer size --label Size --type number', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa68c7421b185afbfcec7f505', 'afbfcec7f505', '2026-03-02 09:35:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl field add deal renews --type date', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa7207c50931d7e7e9ebc5589', '7e7e9ebc5589', '2026-03-02 09:42:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl customer add ''Harbour Hotel'' --email ines@harbour.example --segment hospitality --score 40 --custom size=120 --tag hotel --external-id erp:4711', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa7a6748f966583e556612409', '83e556612409', '2026-03-02 09:49:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl customer add ''Blue Door'' --phone ''+1 202 555 0112'' --owner Ada', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa810783dbd39358d26d8abfe', '358d26d8abfe', '2026-03-02 09:56:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl --franchise North customer add ''Ümit Åberg'' --email umit@north.example --external-id north:n-1', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa8957ea98a9c1abf2cf01aa4', '1abf2cf01aa4', '2026-03-02 10:03:00.000000', '01a210baa5de7b52a7270d8419be656d', 'Ben', 'cli', 'crmctl --franchise North customer add ''O''"''"''Neil ''"''"''Junior''"''"'' & Co'' --as Ben', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa93c7e50821479f36f7f7091', '79f36f7f7091', '2026-03-02 10:10:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal add ''12 rooms'' --customer C1 --amount 12000.5 --expected-close 2026-06-30 --next-step ''Send offer'' --custom renews=2027-03-01 --external-id erp:D-1', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa9a175f18c35135f4a46fd45', '135f4a46fd45', '2026-03-02 10:17:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal add ''Bar fittings'' --customer C1 --amount 3500 --owner Ben --probability 42.5% --tag bar --tag ''ünlü''', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaa3175dfa3dadfbd4c6040ed', 'dfbd4c6040ed', '2026-03-02 10:24:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl --franchise North deal add Signs --customer C3 --amount 990 --currency USD --forecast-category commit --source fair', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaad675cca55c472352471fc0', '472352471fc0', '2026-03-02 10:31:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal add Spare', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baab3e7ec09ad175c88e683e65', '75c88e683e65', '2026-03-02 10:38:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal move D1 qualified', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaba07af6b464f424dc1d5255', 'f424dc1d5255', '2026-03-02 10:45:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal move D1 proposal --reason ''asked for an offer''', 'asked for an offer', NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baac2476ed8952a4dbfa9d9237', 'a4dbfa9d9237', '2026-03-02 10:52:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal win D2 --override --reason ''paid at the fair''', 'paid at the fair', NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baac9a71b7832abad34f9a8312', 'bad34f9a8312', '2026-03-02 10:59:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal lose D3 --lost-reason ''chose a competitor''', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baad1e78b598dd6479827d16a5', '6479827d16a5', '2026-03-02 11:06:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal edit D1 --amount 12500.1234 --tag big', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baadbd7a0b9e02d46a1e57f952', 'd46a1e57f952', '2026-03-02 11:13:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal edit D1 D2 --owner Ada', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baae4a7f26a57e1914d67f4b28', '1914d67f4b28', '2026-03-02 11:20:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl customer edit C2 --email door@blue.example --tag shop', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaeba700390646fbdb3fccb76', '6fbdb3fccb76', '2026-03-02 11:27:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal move D4 negotiation', NULL, NULL, NULL, '01a210bab0357098ace102fdab57c9fb', false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab0357098ace102fdab57c9fb', '02fdab57c9fb', '2026-03-02 11:34:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'undo', 'crmctl undo', NULL, NULL, '01a210baaeba700390646fbdb3fccb76', NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab21c73fe9009ef93b7ce0977', 'ef93b7ce0977', '2026-03-02 11:41:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl deal remove D4', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab26376de890941e4990e2407', '41e4990e2407', '2026-03-02 11:48:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl customer remove C4', NULL, NULL, NULL, NULL, false),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab2da75dc969ed775d224b06b', 'd775d224b06b', '2026-03-02 11:55:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'Ada', 'cli', 'crmctl stage add legal --pipeline default --after proposal --probability 60%', NULL, NULL, NULL, NULL, false),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', 'cd305b282da8', '2026-03-02 12:02:00.000000', '01a210bab352795fa142e74781f3811a', 'Bea', 'cli', 'crmctl company add ''Birch Ltd'' --currency USD --user Bea', NULL, NULL, NULL, NULL, false),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3c57e9c8d679af9080767f1', '9af9080767f1', '2026-03-02 12:09:00.000000', '01a210bab352795fa142e74781f3811a', 'Bea', 'cli', 'crmctl --company ''Birch Ltd'' deal add Boats --amount 5 --as Bea', NULL, NULL, NULL, NULL, false);

INSERT INTO change_rows
  (company_id, change_id, position, table_name, row_key, before, after)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baab3e7ec09ad175c88e683e65', 1, 'deals', '01a210ba-a95a-7818-bf85-c0a3fa044be4', '{"stage":"lead","stage_entered_at":"2026-03-02T10:10:00+00:00","entries":1,"changed_in":"01a210ba-a93c-7e50-8214-79f36f7f7091","updated_at":"2026-03-02T10:10:00+00:00"}', '{"stage":"qualified","stage_entered_at":"2026-03-02T10:38:00+00:00","entries":2,"changed_in":"01a210ba-ab3e-7ec0-9ad1-75c88e683e65","updated_at":"2026-03-02T10:38:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaba07af6b464f424dc1d5255', 1, 'deals', '01a210ba-a95a-7818-bf85-c0a3fa044be4', '{"stage":"qualified","stage_entered_at":"2026-03-02T10:38:00+00:00","entries":2,"changed_in":"01a210ba-ab3e-7ec0-9ad1-75c88e683e65","updated_at":"2026-03-02T10:38:00+00:00"}', '{"stage":"proposal","stage_entered_at":"2026-03-02T10:45:00+00:00","entries":3,"changed_in":"01a210ba-aba0-7af6-b464-f424dc1d5255","updated_at":"2026-03-02T10:45:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baac2476ed8952a4dbfa9d9237', 1, 'deals', '01a210ba-a9d2-70a2-b647-3f5045103427', '{"stage":"lead","status":"open","stage_entered_at":"2026-03-02T10:17:00+00:00","closed_at":null,"entries":1,"changed_in":"01a210ba-a9a1-75f1-8c35-135f4a46fd45","updated_at":"2026-03-02T10:17:00+00:00"}', '{"stage":"won","status":"won","stage_entered_at":"2026-03-02T10:52:00+00:00","closed_at":"2026-03-02T10:52:00+00:00","entries":2,"changed_in":"01a210ba-ac24-76ed-8952-a4dbfa9d9237","updated_at":"2026-03-02T10:52:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baac9a71b7832abad34f9a8312', 1, 'deals', '01a210ba-aa74-7b6f-9914-4de68271ddf1', '{"stage":"lead","status":"open","stage_entered_at":"2026-03-02T10:24:00+00:00","closed_at":null,"lost_reason":null,"entries":1,"changed_in":"01a210ba-aa31-75df-a3da-dfbd4c6040ed","updated_at":"2026-03-02T10:24:00+00:00"}', '{"stage":"lost","status":"lost","stage_entered_at":"2026-03-02T10:59:00+00:00","closed_at":"2026-03-02T10:59:00+00:00","lost_reason":"chose a competitor","entries":2,"changed_in":"01a210ba-ac9a-71b7-832a-bad34f9a8312","updated_at":"2026-03-02T10:59:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baad1e78b598dd6479827d16a5', 1, 'deals', '01a210ba-a95a-7818-bf85-c0a3fa044be4', '{"amount":"12000.5000","tags":[],"changed_in":"01a210ba-aba0-7af6-b464-f424dc1d5255","updated_at":"2026-03-02T10:45:00+00:00"}', '{"amount":"12500.1234","tags":["big"],"changed_in":"01a210ba-ad1e-78b5-98dd-6479827d16a5","updated_at":"2026-03-02T11:06:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baadbd7a0b9e02d46a1e57f952', 1, 'deals', '01a210ba-a95a-7818-bf85-c0a3fa044be4', '{"owner_id":null,"changed_in":"01a210ba-ad1e-78b5-98dd-6479827d16a5","updated_at":"2026-03-02T11:06:00+00:00"}', '{"owner_id":"01a210ba-a4b8-798a-a2c2-4264e74c947b","changed_in":"01a210ba-adbd-7a0b-9e02-d46a1e57f952","updated_at":"2026-03-02T11:13:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baadbd7a0b9e02d46a1e57f952', 2, 'deals', '01a210ba-a9d2-70a2-b647-3f5045103427', '{"owner_id":"01a210ba-a5de-7b52-a727-0d8419be656d","changed_in":"01a210ba-ac24-76ed-8952-a4dbfa9d9237","updated_at":"2026-03-02T10:52:00+00:00"}', '{"owner_id":"01a210ba-a4b8-798a-a2c2-4264e74c947b","changed_in":"01a210ba-adbd-7a0b-9e02-d46a1e57f952","updated_at":"2026-03-02T11:13:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baae4a7f26a57e1914d67f4b28', 1, 'customers', '01a210ba-a7c4-7601-b01b-d00db189e7e4', '{"email":null,"tags":[],"changed_in":"01a210ba-a7a6-748f-9665-83e556612409","updated_at":"2026-03-02T09:49:00+00:00"}', '{"email":"door@blue.example","tags":["shop"],"changed_in":"01a210ba-ae4a-7f26-a57e-1914d67f4b28","updated_at":"2026-03-02T11:20:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaeba700390646fbdb3fccb76', 1, 'deals', '01a210ba-aafc-7af7-9723-a777f870ce29', '{"stage":"lead","stage_entered_at":"2026-03-02T10:31:00+00:00","entries":1,"changed_in":"01a210ba-aad6-75cc-a55c-472352471fc0","updated_at":"2026-03-02T10:31:00+00:00"}', '{"stage":"negotiation","stage_entered_at":"2026-03-02T11:27:00+00:00","entries":2,"changed_in":"01a210ba-aeba-7003-9064-6fbdb3fccb76","updated_at":"2026-03-02T11:27:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab0357098ace102fdab57c9fb', 1, 'deals', '01a210ba-aafc-7af7-9723-a777f870ce29', '{"stage":"negotiation","stage_entered_at":"2026-03-02T11:27:00+00:00","entries":2,"changed_in":"01a210ba-aeba-7003-9064-6fbdb3fccb76","updated_at":"2026-03-02T11:27:00+00:00"}', '{"stage":"lead","stage_entered_at":"2026-03-02T10:31:00+00:00","entries":1,"changed_in":"01a210ba-aad6-75cc-a55c-472352471fc0","updated_at":"2026-03-02T10:31:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab0357098ace102fdab57c9fb', 2, 'deal_stage_history', '01a210ba-aafc-7af7-9723-a777f870ce29/2', '{"company_id":"01a210ba-a4c1-7a28-b601-3c19f80e8e3a","deal_id":"01a210ba-aafc-7af7-9723-a777f870ce29","position":2,"pipeline":"default","from_stage":"lead","stage":"negotiation","status":"open","entered_at":"2026-03-02T11:27:00+00:00","actor_id":"01a210ba-a4b8-798a-a2c2-4264e74c947b","reason":null,"amount":null,"currency":"EUR","created_in":"01a210ba-aeba-7003-9064-6fbdb3fccb76"}', NULL),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab21c73fe9009ef93b7ce0977', 1, 'deals', '01a210ba-aafc-7af7-9723-a777f870ce29', '{"deleted_at":null,"changed_in":"01a210ba-aad6-75cc-a55c-472352471fc0","updated_at":"2026-03-02T10:31:00+00:00"}', '{"deleted_at":"2026-03-02T11:41:00+00:00","changed_in":"01a210ba-b21c-73fe-9009-ef93b7ce0977","updated_at":"2026-03-02T11:41:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab26376de890941e4990e2407', 1, 'customers', '01a210ba-a8b3-7abd-9b1c-a1a4abb9b8c6', '{"deleted_at":null,"changed_in":"01a210ba-a895-7ea9-8a9c-1abf2cf01aa4","updated_at":"2026-03-02T10:03:00+00:00"}', '{"deleted_at":"2026-03-02T11:48:00+00:00","changed_in":"01a210ba-b263-76de-8909-41e4990e2407","updated_at":"2026-03-02T11:48:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab2da75dc969ed775d224b06b', 1, 'stages', 'default/negotiation', '{"position":4,"changed_in":"01a210ba-a489-7abe-995a-9b590d5707bc","updated_at":"2026-03-02T09:07:00+00:00"}', '{"position":5,"changed_in":"01a210ba-b2da-75dc-969e-d775d224b06b","updated_at":"2026-03-02T11:55:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab2da75dc969ed775d224b06b', 2, 'stages', 'default/won', '{"position":5,"changed_in":"01a210ba-a489-7abe-995a-9b590d5707bc","updated_at":"2026-03-02T09:07:00+00:00"}', '{"position":6,"changed_in":"01a210ba-b2da-75dc-969e-d775d224b06b","updated_at":"2026-03-02T11:55:00+00:00"}'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab2da75dc969ed775d224b06b', 3, 'stages', 'default/lost', '{"position":6,"changed_in":"01a210ba-a489-7abe-995a-9b590d5707bc","updated_at":"2026-03-02T09:07:00+00:00"}', '{"position":7,"changed_in":"01a210ba-b2da-75dc-969e-d775d224b06b","updated_at":"2026-03-02T11:55:00+00:00"}');

INSERT INTO counters
  (company_id, kind, next)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', 'customer', 5),
  ('01a210baa4c17a28b6013c19f80e8e3a', 'deal', 5),
  ('01a210bab356774981e7fbdc9f7fb789', 'customer', 1),
  ('01a210bab356774981e7fbdc9f7fb789', 'deal', 2);

INSERT INTO franchises
  (company_id, created_in, changed_in, created_at, updated_at, id, name)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa53c724d9e489b6affb6d030', '01a210baa53c724d9e489b6affb6d030', '2026-03-02 09:14:00.000000', '2026-03-02 09:14:00.000000', '01a210baa56d74258864069ff83e9590', 'North');

INSERT INTO users
  (company_id, created_in, changed_in, created_at, updated_at, id, franchise_id, name, email, active)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210baa4897abe995a9b590d5707bc', '2026-03-02 09:07:00.000000', '2026-03-02 09:07:00.000000', '01a210baa4b8798aa2c24264e74c947b', NULL, 'Ada', 'ada@alder.example', true),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa5b871e2848f688d71ef205c', '01a210baa5b871e2848f688d71ef205c', '2026-03-02 09:21:00.000000', '2026-03-02 09:21:00.000000', '01a210baa5de7b52a7270d8419be656d', '01a210baa56d74258864069ff83e9590', 'Ben', 'ben@alder.example', true),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', '01a210bab352795fa142e74781f3811a', NULL, 'Bea', NULL, true);

INSERT INTO custom_fields
  (company_id, created_in, changed_in, created_at, updated_at, entity, key, label, type)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa63176fd883cc0d0033097dc', '01a210baa63176fd883cc0d0033097dc', '2026-03-02 09:28:00.000000', '2026-03-02 09:28:00.000000', 'customer', 'size', 'Size', 'number'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa68c7421b185afbfcec7f505', '01a210baa68c7421b185afbfcec7f505', '2026-03-02 09:35:00.000000', '2026-03-02 09:35:00.000000', 'deal', 'renews', 'Renews', 'date');

INSERT INTO pipelines
  (company_id, created_in, changed_in, created_at, updated_at, key, label, position, allow_skip, allow_back, lost_reason_required)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210baa4897abe995a9b590d5707bc', '2026-03-02 09:07:00.000000', '2026-03-02 09:07:00.000000', 'default', 'Sales', 1, true, true, false),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', 'default', 'Sales', 1, true, true, false);

INSERT INTO stages
  (company_id, created_in, changed_in, created_at, updated_at, pipeline, key, label, position, kind, probability, forecast_category, rotting_days, wip_limit, required_fields, can_create)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210baa4897abe995a9b590d5707bc', '2026-03-02 09:07:00.000000', '2026-03-02 09:07:00.000000', 'default', 'lead', 'Lead', 1, 'open', 1000, 'pipeline', 14, NULL, '[]', true),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210bab2da75dc969ed775d224b06b', '01a210bab2da75dc969ed775d224b06b', '2026-03-02 11:55:00.000000', '2026-03-02 11:55:00.000000', 'default', 'legal', 'Legal', 4, 'open', 6000, 'pipeline', NULL, NULL, '[]', true),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210bab2da75dc969ed775d224b06b', '2026-03-02 09:07:00.000000', '2026-03-02 11:55:00.000000', 'default', 'lost', 'Lost', 7, 'lost', 0, 'omitted', NULL, NULL, '[]', true),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210bab2da75dc969ed775d224b06b', '2026-03-02 09:07:00.000000', '2026-03-02 11:55:00.000000', 'default', 'negotiation', 'Negotiation', 5, 'open', 7500, 'commit', 30, NULL, '[]', true),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210baa4897abe995a9b590d5707bc', '2026-03-02 09:07:00.000000', '2026-03-02 09:07:00.000000', 'default', 'proposal', 'Proposal', 3, 'open', 5000, 'best_case', 30, NULL, '[]', true),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210baa4897abe995a9b590d5707bc', '2026-03-02 09:07:00.000000', '2026-03-02 09:07:00.000000', 'default', 'qualified', 'Qualified', 2, 'open', 2000, 'pipeline', 21, NULL, '[]', true),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa4897abe995a9b590d5707bc', '01a210bab2da75dc969ed775d224b06b', '2026-03-02 09:07:00.000000', '2026-03-02 11:55:00.000000', 'default', 'won', 'Won', 6, 'won', 10000, 'commit', NULL, NULL, '[]', true),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', 'default', 'lead', 'Lead', 1, 'open', 1000, 'pipeline', 14, NULL, '[]', true),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', 'default', 'lost', 'Lost', 6, 'lost', 0, 'omitted', NULL, NULL, '[]', true),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', 'default', 'negotiation', 'Negotiation', 4, 'open', 7500, 'commit', 30, NULL, '[]', true),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', 'default', 'proposal', 'Proposal', 3, 'open', 5000, 'best_case', 30, NULL, '[]', true),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', 'default', 'qualified', 'Qualified', 2, 'open', 2000, 'pipeline', 21, NULL, '[]', true),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3497a878118cd305b282da8', '01a210bab3497a878118cd305b282da8', '2026-03-02 12:02:00.000000', '2026-03-02 12:02:00.000000', 'default', 'won', 'Won', 5, 'won', 10000, 'commit', NULL, NULL, '[]', true);

INSERT INTO customers
  (company_id, created_in, changed_in, created_at, updated_at, id, franchise_id, number, name, organisation, email, phone, website, country, segment, lead_score, owner_id, source, lifecycle, tags, custom, deleted_at)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa7207c50931d7e7e9ebc5589', '01a210baa7207c50931d7e7e9ebc5589', '2026-03-02 09:42:00.000000', '2026-03-02 09:42:00.000000', '01a210baa75f76dca38b3bc253f9b133', NULL, 1, 'Harbour Hotel', NULL, 'ines@harbour.example', NULL, NULL, NULL, 'hospitality', 40, NULL, NULL, NULL, '["hotel"]', '{"size":120}', NULL),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa7a6748f966583e556612409', '01a210baae4a7f26a57e1914d67f4b28', '2026-03-02 09:49:00.000000', '2026-03-02 11:20:00.000000', '01a210baa7c47601b01bd00db189e7e4', NULL, 2, 'Blue Door', NULL, 'door@blue.example', '+1 202 555 0112', NULL, NULL, NULL, NULL, '01a210baa4b8798aa2c24264e74c947b', NULL, NULL, '["shop"]', '{}', NULL),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa810783dbd39358d26d8abfe', '01a210baa810783dbd39358d26d8abfe', '2026-03-02 09:56:00.000000', '2026-03-02 09:56:00.000000', '01a210baa8397753910072a6e413c087', '01a210baa56d74258864069ff83e9590', 3, 'Ümit Åberg', NULL, 'umit@north.example', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', '{}', NULL),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa8957ea98a9c1abf2cf01aa4', '01a210bab26376de890941e4990e2407', '2026-03-02 10:03:00.000000', '2026-03-02 11:48:00.000000', '01a210baa8b37abd9b1ca1a4abb9b8c6', '01a210baa56d74258864069ff83e9590', 4, 'O''Neil ''Junior'' & Co', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', '{}', '2026-03-02 11:48:00.000000');

INSERT INTO deals
  (company_id, created_in, changed_in, created_at, updated_at, id, franchise_id, customer_id, number, title, amount, currency, pipeline, stage, status, probability, forecast_category, expected_close, next_step, owner_id, source, lost_reason, closed_at, stage_entered_at, entries, tags, custom, deleted_at)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa93c7e50821479f36f7f7091', '01a210baadbd7a0b9e02d46a1e57f952', '2026-03-02 10:10:00.000000', '2026-03-02 11:13:00.000000', '01a210baa95a7818bf85c0a3fa044be4', NULL, '01a210baa75f76dca38b3bc253f9b133', 1, '12 rooms', 125001234, 'EUR', 'default', 'proposal', 'open', NULL, NULL, '2026-06-30', 'Send offer', '01a210baa4b8798aa2c24264e74c947b', NULL, NULL, NULL, '2026-03-02 10:45:00.000000', 3, '["big"]', '{"renews":"2027-03-01"}', NULL),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa9a175f18c35135f4a46fd45', '01a210baadbd7a0b9e02d46a1e57f952', '2026-03-02 10:17:00.000000', '2026-03-02 11:13:00.000000', '01a210baa9d270a2b6473f5045103427', NULL, '01a210baa75f76dca38b3bc253f9b133', 2, 'Bar fittings', 35000000, 'EUR', 'default', 'won', 'won', 4250, NULL, NULL, NULL, '01a210baa4b8798aa2c24264e74c947b', NULL, NULL, '2026-03-02 10:52:00.000000', '2026-03-02 10:52:00.000000', 2, '["bar","ünlü"]', '{}', NULL),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaa3175dfa3dadfbd4c6040ed', '01a210baac9a71b7832abad34f9a8312', '2026-03-02 10:24:00.000000', '2026-03-02 10:59:00.000000', '01a210baaa747b6f99144de68271ddf1', '01a210baa56d74258864069ff83e9590', '01a210baa8397753910072a6e413c087', 3, 'Signs', 9900000, 'USD', 'default', 'lost', 'lost', NULL, 'commit', NULL, NULL, NULL, 'fair', 'chose a competitor', '2026-03-02 10:59:00.000000', '2026-03-02 10:59:00.000000', 2, '[]', '{}', NULL),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaad675cca55c472352471fc0', '01a210bab21c73fe9009ef93b7ce0977', '2026-03-02 10:31:00.000000', '2026-03-02 11:41:00.000000', '01a210baaafc7af79723a777f870ce29', NULL, NULL, 4, 'Spare', NULL, 'EUR', 'default', 'lead', 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-03-02 10:31:00.000000', 1, '[]', '{}', '2026-03-02 11:41:00.000000'),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3c57e9c8d679af9080767f1', '01a210bab3c57e9c8d679af9080767f1', '2026-03-02 12:09:00.000000', '2026-03-02 12:09:00.000000', '01a210bab3fe7626b22299b7334919d5', NULL, NULL, 1, 'Boats', 50000, 'USD', 'default', 'lead', 'open', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '2026-03-02 12:09:00.000000', 1, '[]', '{}', NULL);

INSERT INTO deal_stage_history
  (company_id, deal_id, position, pipeline, from_stage, stage, status, entered_at, actor_id, reason, amount, currency, created_in)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa95a7818bf85c0a3fa044be4', 1, 'default', NULL, 'lead', 'open', '2026-03-02 10:10:00.000000', '01a210baa4b8798aa2c24264e74c947b', NULL, 120005000, 'EUR', '01a210baa93c7e50821479f36f7f7091'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa95a7818bf85c0a3fa044be4', 2, 'default', 'lead', 'qualified', 'open', '2026-03-02 10:38:00.000000', '01a210baa4b8798aa2c24264e74c947b', NULL, 120005000, 'EUR', '01a210baab3e7ec09ad175c88e683e65'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa95a7818bf85c0a3fa044be4', 3, 'default', 'qualified', 'proposal', 'open', '2026-03-02 10:45:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'asked for an offer', 120005000, 'EUR', '01a210baaba07af6b464f424dc1d5255'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa9d270a2b6473f5045103427', 1, 'default', NULL, 'lead', 'open', '2026-03-02 10:17:00.000000', '01a210baa4b8798aa2c24264e74c947b', NULL, 35000000, 'EUR', '01a210baa9a175f18c35135f4a46fd45'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baa9d270a2b6473f5045103427', 2, 'default', 'lead', 'won', 'won', '2026-03-02 10:52:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'paid at the fair', 35000000, 'EUR', '01a210baac2476ed8952a4dbfa9d9237'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaa747b6f99144de68271ddf1', 1, 'default', NULL, 'lead', 'open', '2026-03-02 10:24:00.000000', '01a210baa4b8798aa2c24264e74c947b', NULL, 9900000, 'USD', '01a210baaa3175dfa3dadfbd4c6040ed'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaa747b6f99144de68271ddf1', 2, 'default', 'lead', 'lost', 'lost', '2026-03-02 10:59:00.000000', '01a210baa4b8798aa2c24264e74c947b', 'chose a competitor', 9900000, 'USD', '01a210baac9a71b7832abad34f9a8312'),
  ('01a210baa4c17a28b6013c19f80e8e3a', '01a210baaafc7af79723a777f870ce29', 1, 'default', NULL, 'lead', 'open', '2026-03-02 10:31:00.000000', '01a210baa4b8798aa2c24264e74c947b', NULL, NULL, 'EUR', '01a210baaad675cca55c472352471fc0'),
  ('01a210bab356774981e7fbdc9f7fb789', '01a210bab3fe7626b22299b7334919d5', 1, 'default', NULL, 'lead', 'open', '2026-03-02 12:09:00.000000', '01a210bab352795fa142e74781f3811a', NULL, 50000, 'USD', '01a210bab3c57e9c8d679af9080767f1');

INSERT INTO external_keys
  (company_id, entity, source, external_id, customer_id, deal_id, user_id, created_in)
VALUES
  ('01a210baa4c17a28b6013c19f80e8e3a', 'customer', 'erp', '4711', '01a210baa75f76dca38b3bc253f9b133', NULL, NULL, '01a210baa7207c50931d7e7e9ebc5589'),
  ('01a210baa4c17a28b6013c19f80e8e3a', 'customer', 'north', 'n-1', '01a210baa8397753910072a6e413c087', NULL, NULL, '01a210baa810783dbd39358d26d8abfe'),
  ('01a210baa4c17a28b6013c19f80e8e3a', 'deal', 'erp', 'D-1', NULL, '01a210baa95a7818bf85c0a3fa044be4', NULL, '01a210baa93c7e50821479f36f7f7091');

