BEGIN TRANSACTION;
CREATE TABLE sync_connections (
	id VARCHAR(40) NOT NULL, 
	backend VARCHAR(40) NOT NULL, 
	store_url TEXT NOT NULL, 
	backend_url TEXT NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	reason TEXT NOT NULL, 
	settings JSON NOT NULL, 
	learned JSON NOT NULL, 
	secrets TEXT, 
	seq BIGINT NOT NULL, 
	created_at VARCHAR(32) NOT NULL, 
	looked_at VARCHAR(32), 
	look_at VARCHAR(32), 
	next_at VARCHAR(32), 
	lease_owner VARCHAR(80), 
	lease_until VARCHAR(32), 
	PRIMARY KEY (id), 
	UNIQUE (backend, store_url)
);
INSERT INTO "sync_connections" VALUES('con_aee13732ecf100a4','keycrm','http://127.0.0.1:8790/woocommerce','http://127.0.0.1:8790/keycrm','active','','{"warehouse_id": 1, "subtract_reserve": true, "pull": true, "push": true, "first_sync": "store", "both_changed": "add", "manage_stock": false, "batch": 100, "reconcile_every": 3600, "vanish_limit": 0.5}','{"store_mode": "oauth", "store_skew": 0.0, "account": "a1bcf35ac1563be6"}','gAAAAABrAY-3eG7ZoI4Cfn6_77s6UeRfbvDYgEUHCL3GyVAvz64eH0a7xcrP_lU7CEwwb6gyXXwsofXIWYYp22Nl19HEMMx5HRMXGoPAc4yNuLiVWrmSR71wV35uZHSdQAZsWPdMUMRdq_v5W1kqGm0o_iMSHGlhLmGBvoROzdgu4vP3_h_qpBZ2MTDQrmdUFD8T-hCsDDgxn5FLFVl-DXfGJZ8pTjFKkr20PlvUXQ51QBD0UOP-bbD9jkgH2ow3kUgqTVQhfWSIvpsR380Sqi959W_StAOulqO7QOhOAxOlACENy3KE1Hyic8H0hpHgJ96X0VCe1dFUfRycToitNOX1RZz-almgsq0UmHQ7ni724URyG88UgcjHpRAYV8V_HuIRG-q1dIOmqrKB0UvRe9HLIKqwWF2gVQXH29tSk7_Cu0fajUV7yxStDGLry0uL9aTDaoiVkSxASjSfdXrIrmFQMrENGZqHeOKOf7zUuMGFBYlZx4_5Aw0=',13,'2026-11-21T12:33:58.820153+00:00','2026-11-21T12:34:00.820153+00:00','2026-11-21T13:34:00.820153+00:00','2026-11-21T12:34:01.820153+00:00',NULL,NULL);
CREATE TABLE sync_heard (
	id INTEGER NOT NULL, 
	connection VARCHAR(40) NOT NULL, 
	sku VARCHAR(255) NOT NULL, 
	ref VARCHAR(80) NOT NULL, 
	quantity BIGINT NOT NULL, 
	reserve BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sync_heard" VALUES(1,'con_aee13732ecf100a4','MUG','1',7,0);
CREATE TABLE sync_links (
	connection VARCHAR(40) NOT NULL, 
	sku VARCHAR(255) NOT NULL, 
	item BIGINT NOT NULL, 
	parent BIGINT NOT NULL, 
	ref VARCHAR(80) NOT NULL, 
	base BIGINT, 
	direction VARCHAR(3) NOT NULL, 
	seq BIGINT NOT NULL, 
	at VARCHAR(32), 
	PRIMARY KEY (connection, sku)
);
INSERT INTO "sync_links" VALUES('con_aee13732ecf100a4','CAP',12,0,'2',4,'in',4,'2026-11-21T12:33:59.820153+00:00');
INSERT INTO "sync_links" VALUES('con_aee13732ecf100a4','MUG',11,0,'1',9,'out',6,'2026-11-21T12:34:00.820153+00:00');
CREATE TABLE sync_pace (
	"key" VARCHAR(120) NOT NULL, 
	last_at VARCHAR(32), 
	until VARCHAR(32), 
	PRIMARY KEY ("key")
);
INSERT INTO "sync_pace" VALUES('4a170e6b46b1c195abc4d4e08f1c8c2365f82847','2026-11-21T12:34:00.820153+00:00',NULL);
CREATE TABLE sync_runs (
	id INTEGER NOT NULL, 
	connection VARCHAR(40) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	phase VARCHAR(40) NOT NULL, 
	cursor JSON NOT NULL, 
	upto BIGINT NOT NULL, 
	tries INTEGER NOT NULL, 
	next_at VARCHAR(32), 
	started_at VARCHAR(32) NOT NULL, 
	finished_at VARCHAR(32), 
	outcome TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sync_runs" VALUES(1,'con_aee13732ecf100a4','look','push','{}',0,0,NULL,'2026-11-21T12:33:58.820153+00:00','2026-11-21T12:34:00.820153+00:00','pushed 1, applied 0');
INSERT INTO "sync_runs" VALUES(2,'con_aee13732ecf100a4','push','apply','{}',0,0,NULL,'2026-11-21T12:34:00.820153+00:00','2026-11-21T12:34:00.820153+00:00','pushed 0, applied 0');
INSERT INTO "sync_runs" VALUES(3,'con_aee13732ecf100a4','listen','levels','{}',1,0,NULL,'2026-11-21T12:34:00.820153+00:00',NULL,'');
CREATE TABLE sync_schema (
	version INTEGER NOT NULL, 
	PRIMARY KEY (version)
);
INSERT INTO "sync_schema" VALUES(1);
CREATE TABLE sync_seen (
	run INTEGER NOT NULL, 
	side VARCHAR(10) NOT NULL, 
	"key" VARCHAR(255) NOT NULL, 
	sku VARCHAR(255) NOT NULL, 
	parent BIGINT NOT NULL, 
	quantity BIGINT, 
	reserve BIGINT NOT NULL, 
	managed VARCHAR(10) NOT NULL, 
	note VARCHAR(120) NOT NULL, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (run, side, "key")
);
INSERT INTO "sync_seen" VALUES(3,'ask','MUG','1',0,NULL,0,'yes','',0);
CREATE TABLE sync_skips (
	connection VARCHAR(40) NOT NULL, 
	direction VARCHAR(3) NOT NULL, 
	sku VARCHAR(255) NOT NULL, 
	reason TEXT NOT NULL, 
	at VARCHAR(32) NOT NULL, 
	PRIMARY KEY (connection, direction, sku)
);
INSERT INTO "sync_skips" VALUES('con_aee13732ecf100a4','in','GONE','no product or variation of the store has this SKU','2026-11-21T12:33:59.820153+00:00');
CREATE TABLE sync_tasks (
	run INTEGER NOT NULL, 
	n INTEGER NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	sku VARCHAR(255) NOT NULL, 
	item BIGINT NOT NULL, 
	parent BIGINT NOT NULL, 
	ref VARCHAR(80) NOT NULL, 
	known BIGINT NOT NULL, 
	reserve BIGINT NOT NULL, 
	change BIGINT, 
	value BIGINT, 
	seq BIGINT NOT NULL, 
	PRIMARY KEY (run, n)
);
CREATE INDEX ix_sync_connections_next_at ON sync_connections (next_at);
CREATE INDEX sync_runs_open ON sync_runs (connection, finished_at);
CREATE INDEX ix_sync_heard_connection ON sync_heard (connection);
CREATE INDEX sync_tasks_state ON sync_tasks (run, kind, state, parent);
COMMIT;
