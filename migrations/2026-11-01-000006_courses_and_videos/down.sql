DROP TABLE lessons, course_steps, courses, video_captions, video_renditions, videos;
DROP FUNCTION announce_catalogue_change;
