-- The sealed parts of a shipment lie in a file beside the store, one after the
-- other, until the shipment ends. They are sealed already; in the store they
-- were encrypted and written twice more. What waited in the store itself is
-- given up, as its parts do not move by themselves.
UPDATE shipment SET state = 'cancelled', trouble = 'lost' WHERE state IN ('waiting', 'paused');
ALTER TABLE shipment ADD COLUMN file TEXT NOT NULL DEFAULT ''; -- its name in the folder outbox
ALTER TABLE shipment_part DROP COLUMN sealed;
ALTER TABLE shipment_part ADD COLUMN place INTEGER NOT NULL DEFAULT 0;  -- where the part begins in the file
ALTER TABLE shipment_part ADD COLUMN length INTEGER NOT NULL DEFAULT 0; -- and how many bytes it has there
ALTER TABLE shipment_part ADD COLUMN digest TEXT NOT NULL DEFAULT '';   -- and their SHA-256
