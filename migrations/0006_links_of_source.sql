-- Keeps with each link by hand of which kind of source it speaks, since the same id is another person's elsewhere. Those that were made before speak of none, and are to be made anew.
ALTER TABLE "manual_links" ADD COLUMN "source" text COLLATE "C" NOT NULL DEFAULT '';--> statement-breakpoint
ALTER TABLE "manual_links" ALTER COLUMN "source" DROP DEFAULT;
