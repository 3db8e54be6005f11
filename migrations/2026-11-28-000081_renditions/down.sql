DROP TABLE video_previews;
DELETE FROM video_renditions WHERE rendition IN ('720p', 'preview');
ALTER TABLE video_renditions DROP CONSTRAINT video_renditions_rendition_check;
ALTER TABLE video_renditions ADD CONSTRAINT video_renditions_rendition_check
    CHECK (rendition IN ('480p', '240p', 'audio', 'poster'));
