-- Photos of what is to be recognised lie in the store too: they count towards the share of the branch
-- that checks them, until the store has let go of them.
CREATE INDEX recognitions_branch ON recognitions (branch_id);
CREATE OR REPLACE FUNCTION stored_bytes(branch uuid) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (
        coalesce((SELECT sum(size) FROM videos WHERE branch_id = branch
            AND coalesce(failure, '') NOT IN ('video_upload_expired', 'video_size_differs', 'video_original_lost')), 0)
        + coalesce((SELECT sum(made.size) FROM video_renditions AS made
            JOIN videos ON videos.id = made.video_id WHERE videos.branch_id = branch), 0)
        + coalesce((SELECT sum(file.size) FROM course_files AS file
            JOIN courses ON courses.id = file.course_id WHERE courses.branch_id = branch), 0)
        + coalesce((SELECT sum(photo.size) FROM recognition_photos AS photo
            JOIN recognitions AS claim ON claim.id = photo.recognition_id WHERE claim.branch_id = branch), 0)
    )::bigint
$$;
