using Npgsql;
using VoiceWorker.Tests.Integration.Verbs;
using Xunit;

namespace VoiceWorker.Tests.Integration.Direct;

/// <summary>Whatever becomes of the worker's schema, no statement of the application fails or waits for long.</summary>
public sealed class BrokenSchemaTests(TestServers servers)
{
    // MIGRATOR owns the schema and the function.
    [Theory]
    [InlineData("DROP TABLE voice.outbox")]
    [FullRunData("ALTER SCHEMA voice RENAME TO gone")]
    [InlineData("DROP SCHEMA voice CASCADE")]
    [FullRunData("DROP FUNCTION voice.record_direct_change CASCADE")]
    [FullRunData("ALTER TABLE voice.outbox DROP COLUMN body")]
    [FullRunData("ALTER TABLE voice.business_voice_change DROP COLUMN changed_outside")]
    [FullRunData("ALTER TABLE voice.business_voice_change ALTER voice_id TYPE varchar(2) USING left(voice_id, 2)")]
    [FullRunData("ALTER TABLE voice.outbox ADD COLUMN must text NOT NULL DEFAULT 'x'; ALTER TABLE voice.outbox ALTER must DROP DEFAULT")]
    [InlineData("REVOKE ALL ON SCHEMA voice FROM MIGRATOR")]
    [FullRunData("REVOKE INSERT ON voice.outbox FROM MIGRATOR")]
    [FullRunData("ALTER TABLE voice.outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")]
    [InlineData("CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE disk_full; END $f$; CREATE TRIGGER quota BEFORE INSERT ON voice.outbox FOR EACH ROW EXECUTE FUNCTION full()")]
    [FullRunData("CREATE FUNCTION dead() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE deadlock_detected; END $f$; CREATE TRIGGER quota BEFORE INSERT ON voice.business_voice_change FOR EACH ROW EXECUTE FUNCTION dead()")]
    public async Task An_application_that_writes_meanwhile_notices_nothing(string deed)
    {
        await using var database = await servers.Migrated.CopyAsync(200);
        await Application.MigrateAsync(database);
        await using var shop = await Application.CreateAsync(database);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writers = Enumerable.Range(0, 3).Select(n => new Writer(shop, n, enough.Token)).ToList();
        await Writer.AfterMoreAsync(writers, 5);

        await DoAsync(database, deed.Replace("MIGRATOR", await OwnerAsync(database), StringComparison.Ordinal));

        await Writer.AfterMoreAsync(writers, 5);
        await enough.CancelAsync();
        await Task.WhenAll(writers.Select(writer => writer.Ended));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(DISTINCT voice_id) FROM business WHERE id > 150"));
    }

    [Fact]
    public async Task A_key_of_another_name_fails_no_change_of_the_application()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database);
        await using var shop = await Application.CreateAsync(database);
        await database.ExecuteAsync("ALTER TABLE business RENAME COLUMN id TO business_id");

        await shop.ExecuteAsync("UPDATE business SET voice_id = 'sage' WHERE business_id = 1");

        Assert.Equal("sage", await database.ScalarAsync<string>("SELECT voice_id FROM business WHERE business_id = 1"));
    }

    [Fact]
    public async Task Whoever_says_a_text_of_megabytes_is_recorded_all_the_same()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database);
        await using var shop = await Application.CreateAsync(database);

        await shop.ExecuteAsync(
            "SELECT set_config('voice.changed_by', repeat('x', 300000000), false); UPDATE business SET voice_id = 'sage' WHERE id = 1");

        Assert.Equal(128, await database.ScalarAsync<int>(
            "SELECT length(changed_by) FROM voice.business_voice_change WHERE business_id = 1"));
    }

    [Fact]
    public async Task A_table_that_is_locked_delays_it_shortly_and_what_is_missing_is_named()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database);
        await using var shop = await Application.CreateAsync(database);
        await shop.ExecuteAsync("UPDATE business SET voice_id = 'sage' WHERE id = 1");
        await using (var holder = await database.OpenAsync())
        {
            await using var held = await holder.BeginTransactionAsync(Token);
            await using (var locking = new NpgsqlCommand("LOCK TABLE voice.outbox IN ACCESS EXCLUSIVE MODE", holder))
                await locking.ExecuteNonQueryAsync(Token);

            await shop.ExecuteAsync("SET statement_timeout = '3s'; UPDATE business SET voice_id = 'marin' WHERE id IN (1, 2)");
        }

        var (code, output) = await VerbUnderTest.RunAsync(servers, database, "audit", "verify");

        Assert.Equal(9, code);
        Assert.Contains("voiceDiffers: business 1 has the voice marin, and the change of business 1 to sage at ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("business 2 ", output, StringComparison.Ordinal);
    }

    // What is not promised.
    [Fact]
    public async Task A_statement_timeout_counts_what_the_triggers_wait_for()
    {
        await using var database = await servers.Migrated.CopyAsync();
        await Application.MigrateAsync(database);
        await using var shop = await Application.CreateAsync(database);
        await using var holder = await database.OpenAsync();
        await using var held = await holder.BeginTransactionAsync(Token);
        await using (var locking = new NpgsqlCommand("LOCK TABLE voice.outbox IN ACCESS EXCLUSIVE MODE", holder))
            await locking.ExecuteNonQueryAsync(Token);

        var ended = await Assert.ThrowsAsync<PostgresException>(() => shop.ExecuteAsync(
            "SET statement_timeout = '300ms'; UPDATE business SET voice_id = 'marin' WHERE id IN (1, 2, 3)"));

        Assert.Equal(PostgresErrorCodes.QueryCanceled, ended.SqlState);
    }

    // It waits for the application's table while the application waits for what it holds. PostgreSQL ends the one that
    // has waited for a second, and the application never waits so long.
    private static async Task DoAsync(LegacyDatabase database, string deed)
    {
        while (true)
        {
            try
            {
                await database.ExecuteAsync(deed);
                return;
            }
            catch (PostgresException deadlock) when (deadlock.SqlState == PostgresErrorCodes.DeadlockDetected)
            {
                // Whoever drops a schema in use tries again.
            }
        }
    }

    private static Task<string> OwnerAsync(LegacyDatabase database) => database.ScalarAsync<string>(
        "SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'record_direct_change'");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>One session of the application: a statement for one business, then one for many. Each has businesses of
    /// its own: two statements for the same many would deadlock by themselves, as the order of the rows is anybody's.
    /// </summary>
    private sealed class Writer
    {
        private const int Many = 50;
        private static readonly string[] Voices = ["sage", "coral", "verse"];
        private int _rounds;

        public Writer(Application shop, int number, CancellationToken enough) => Ended = WriteAsync(shop, number, enough);

        /// <summary>Fails with what the application got.</summary>
        public Task Ended { get; }

        /// <summary>Waits until each has gone on; fails as soon as one has.</summary>
        public static async Task AfterMoreAsync(IReadOnlyList<Writer> writers, int rounds)
        {
            var before = writers.Select(writer => Volatile.Read(ref writer._rounds)).ToList();
            var goneOn = await VoiceWorker.Infrastructure.Processes.Polling.UntilAsync(
                _ => Task.FromResult(writers.Any(writer => writer.Ended.IsCompleted)
                    || writers.Zip(before).All(pair => Volatile.Read(ref pair.First._rounds) >= pair.Second + rounds)),
                Waits.Longest, Token);
            await Task.WhenAll(writers.Select(writer => writer.Ended).Where(ended => ended.IsCompleted));
            Assert.True(goneOn, "the application waits");
        }

        private async Task WriteAsync(Application shop, int number, CancellationToken enough)
        {
            await using var session = await shop.OpenAsync();
            for (; !enough.IsCancellationRequested; Interlocked.Increment(ref _rounds))
            {
                var voice = Voices[_rounds % 3];
                await using var one = new NpgsqlCommand($"UPDATE business SET voice_id = '{voice}' WHERE id = {number + 1}", session);
                Assert.Equal(1, await one.ExecuteNonQueryAsync(Token));
                var first = Many * (number + 1);
                await using var many = new NpgsqlCommand(
                    $"UPDATE business SET voice_id = '{voice}' WHERE id > {first} AND id <= {first + Many}", session);
                Assert.Equal(Many, await many.ExecuteNonQueryAsync(Token));
            }
        }
    }
}
