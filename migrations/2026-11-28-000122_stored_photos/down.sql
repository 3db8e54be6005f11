CREATE OR REPLACE FUNCTION stored_bytes(branch uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (
        coalesce((SELECT sum(size) FROM videos WHERE branch_id = branch
            AND coalesce(failure, '') NOT IN ('video_upload_expired', 'video_size_differs', 'video_original_lost')), 0)
        + coalesce((SELECT sum(made.size) FROM video_renditions AS made
            JOIN videos ON videos.id = made.video_id WHERE videos.branch_id = branch), 0)
        + coalesce((SELECT sum(file.size) FROM course_files AS file
            JOIN courses ON courses.id = file.course_id WHERE courses.branch_id = branch), 0)
    )::bigint
$$;
DROP INDEX recognitions_branch;
