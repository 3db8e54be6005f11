DROP INDEX course_files_object_key_bytes;
DROP INDEX video_renditions_object_key_bytes;
DROP INDEX videos_object_key_bytes;
DROP TABLE storage_suspects;
DROP TABLE storage_reports;
