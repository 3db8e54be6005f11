-- How many bytes of the store a branch may fill: 50 GiB where nobody has said otherwise.
ALTER TABLE branches
    ADD COLUMN storage_quota bigint NOT NULL DEFAULT 53687091200 CHECK (storage_quota >= 0);

-- The bytes that a branch holds in the store: originals (from the moment an upload is opened), what
-- has been made of them, and files of courses. What was given up is gone from the store.
CREATE FUNCTION stored_bytes(branch uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (
        coalesce((SELECT sum(size) FROM videos WHERE branch_id = branch
            AND coalesce(failure, '') NOT IN ('video_upload_expired', 'video_size_differs', 'video_original_lost')), 0)
        + coalesce((SELECT sum(made.size) FROM video_renditions AS made
            JOIN videos ON videos.id = made.video_id WHERE videos.branch_id = branch), 0)
        + coalesce((SELECT sum(file.size) FROM course_files AS file
            JOIN courses ON courses.id = file.course_id WHERE courses.branch_id = branch), 0)
    )::bigint
$$;
GRANT EXECUTE ON FUNCTION stored_bytes(uuid) TO changqing_app;
