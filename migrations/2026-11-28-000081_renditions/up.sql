-- A third picture for those with the line, and small pictures of the whole video on one sheet.
ALTER TABLE video_renditions DROP CONSTRAINT video_renditions_rendition_check;
ALTER TABLE video_renditions ADD CONSTRAINT video_renditions_rendition_check
    CHECK (rendition IN ('720p', '480p', '240p', 'audio', 'poster', 'preview'));

-- How the sheet is divided: pictures row by row, one of every so many milliseconds.
CREATE TABLE video_previews (
    video_id uuid PRIMARY KEY REFERENCES videos ON DELETE CASCADE,
    tiles_across integer NOT NULL CHECK (tiles_across > 0),
    tiles_down integer NOT NULL CHECK (tiles_down > 0),
    tile_width integer NOT NULL CHECK (tile_width > 0),
    tile_height integer NOT NULL CHECK (tile_height > 0),
    interval_ms integer NOT NULL CHECK (interval_ms > 0)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON video_previews TO changqing_app;
