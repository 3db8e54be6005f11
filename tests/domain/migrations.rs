//! The migrations: up, with data, down, and up again; and what the code was made from.

use std::fs;
use std::path::Path;

use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use tests::TestApp;
use tests::database::{TestDatabase, connect, execute, migrate, revert};
use tests::engines;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

async fn lines(connection: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    let query = format!("SELECT line FROM ({query}) AS lines(line)");
    let rows: Vec<Line> = diesel::sql_query(query).load(connection).await.unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

/// What `psql -qAt -f scripts/schema.sql` prints.
async fn schema(connection: &mut AsyncPgConnection) -> String {
    let script = fs::read_to_string(root().join("scripts/schema.sql")).unwrap();
    let query: String = script.lines().filter(|line| !line.starts_with("--")).map(|line| format!("{line}\n")).collect();
    let mut text = lines(connection, query.trim().trim_end_matches(';')).await.join("\n");
    text.push('\n');
    text
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Tables, columns, indexes, constraints, functions, triggers and rights.
async fn everything(connection: &mut AsyncPgConnection) -> Vec<String> {
    lines(
        connection,
        "SELECT * FROM ( \
         SELECT format('%s %s %s %s', c.table_name, c.column_name, c.data_type, c.column_default) FROM information_schema.columns c WHERE table_schema = 'public' \
         UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' \
         UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint WHERE connamespace = 'public'::regnamespace \
         UNION ALL SELECT format('%s %s', proname, md5(pg_get_functiondef(oid))) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' \
         UNION ALL SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal \
         UNION ALL SELECT format('%s %s %s', grantee, table_name, privilege_type) FROM information_schema.role_table_grants WHERE table_schema = 'public' AND grantee LIKE 'changqing_%' \
         ) AS parts(part) WHERE part NOT LIKE '%\\_\\_diesel%' ORDER BY 1",
    )
    .await
}

const DATA: &str = "
    INSERT INTO deployment VALUES (true, '2026-11-01', 'Asia/Shanghai', now());
    INSERT INTO branches VALUES (gen_random_uuid(), 'CX', '春晓', NULL, 263, now());
    INSERT INTO residents (id, name, birth_date, branch_id, registered_branch_id, registered_on, counted_month, origin, recorded_at)
        SELECT gen_random_uuid(), '陈秀英', '1956-03-02', id, id, '2026-11-20', '2026-11-01', 'roster', now() FROM branches;
    INSERT INTO accounts (id, role, name, resident_id, created_at) SELECT gen_random_uuid(), 'resident', name, id, now() FROM residents;
    INSERT INTO closed_months VALUES ('2026-10-01', now(), NULL, '\\x00');
    INSERT INTO jobs (id, kind, payload, queue, max_attempts, run_at, created_at)
        VALUES (gen_random_uuid(), 'send_mail', '{}', 'mail', 5, now(), now());
    INSERT INTO audit_entries (id, at, action, object_kind) VALUES (gen_random_uuid(), now(), 'branch.created', 'branch');
    SELECT post_transfers(jsonb_build_array(jsonb_build_object('index', 0, 'id', gen_random_uuid(), 'resident_id', residents.id,
        'unit', 'credit', 'amount', 100, 'kind', 'award', 'source_kind', 'award', 'source_id', gen_random_uuid(),
        'source_label', '志愿服务', 'rule_id', '019a3c00-0000-7000-8000-000000000003', 'rule_code', 'award', 'evidence', 'listed',
        'batch_id', gen_random_uuid(), 'place', 0, 'branch_id', branch_id, 'earned_at', now(), 'earned_on', '2026-11-20',
        'caps', '[]'::jsonb)), now(), '2026-11-20') FROM residents;";

#[tokio::test]
async fn they_run_up_with_data_down_and_up_again() {
    let held = tokio::task::spawn_blocking(engines::hold).await.unwrap();
    let database = TestDatabase::empty(&held.addresses).await;
    migrate(database.owner_url()).await;
    let mut connection = connect(&database.owner_url()).await;
    let first = everything(&mut connection).await;
    assert!(first.len() > 200, "{first:#?}");
    execute(&database.owner_url(), DATA).await;
    revert(database.owner_url()).await;
    assert_eq!(everything(&mut connection).await, Vec::<String>::new(), "left behind by a down.sql");
    migrate(database.owner_url()).await;
    assert_eq!(everything(&mut connection).await, first);
    execute(&database.owner_url(), DATA).await;
    // Nothing to do is done without complaint.
    migrate(database.owner_url()).await;
}

#[tokio::test]
async fn the_codes_view_of_the_tables_is_not_stale() {
    let app = TestApp::start().await;
    let mut connection = connect(&app.owner_url()).await;
    let migrated = schema(&mut connection).await;
    let written = fs::read_to_string(root().join("campus/src/db/schema.rs")).unwrap();
    assert!(migrated == written, "campus/src/db/schema.rs is stale; scripts/schema.sql prints:\n{migrated}");
}

#[tokio::test]
async fn the_application_may_not_touch_what_is_immutable() {
    let app = TestApp::start().await;
    let url = app.config().database_url;
    let mut application = connect(&url).await;
    for statement in [
        "INSERT INTO credit_transfers SELECT * FROM credit_transfers",
        "UPDATE credit_accounts SET balance = 1000000",
        "DELETE FROM credit_transfers",
        "TRUNCATE credit_transfers",
        "UPDATE credit_cap_counters SET used = 0",
        "SELECT post_pass('[]', 1, now(), current_date)",
        "UPDATE audit_entries SET action = 'nothing'",
        "DELETE FROM audit_entries",
        "UPDATE closed_months SET hash = ''",
        "DELETE FROM month_figures",
        "ALTER TABLE credit_transfers DISABLE TRIGGER ALL",
        "CREATE TABLE mine (id integer)",
        "SET ROLE changqing_ledger",
    ] {
        let refused = diesel::sql_query(statement).execute(&mut application).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied") || refused.contains("must be owner"), "{statement}: {refused}");
    }
    // Not even the owner, by mistake.
    let mut owner = connect(&app.owner_url()).await;
    for statement in
        ["DELETE FROM credit_transfers", "UPDATE credit_transfers SET amount = 1", "TRUNCATE audit_entries"]
    {
        let refused = diesel::sql_query(statement).execute(&mut owner).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
}
