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
    [InlineData("ALTER SCHEMA voice RENAME TO gone")]
    [InlineData("DROP SCHEMA voice CASCADE")]
    [InlineData("DROP FUNCTION voice.record_direct_change CASCADE")]
    [InlineData("ALTER TABLE voice.outbox DROP COLUMN body")]
    [InlineData("ALTER TABLE voice.business_voice_change DROP COLUMN changed_outside")]
    [InlineData("ALTER TABLE voice.business_voice_change ALTER voice_id TYPE varchar(2) USING left(voice_id, 2)")]
    [InlineData("ALTER TABLE voice.outbox ADD COLUMN must text NOT NULL DEFAULT 'x'; ALTER TABLE voice.outbox ALTER must DROP DEFAULT")]
    [InlineData("REVOKE ALL ON SCHEMA voice FROM MIGRATOR")]
    [InlineData("REVOKE INSERT ON voice.outbox FROM MIGRATOR")]
    [InlineData("ALTER TABLE voice.outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")]
    [InlineData("CREATE FUNCTION full() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE disk_full; END $f$; CREATE TRIGGER quota BEFORE INSERT ON voice.outbox FOR EACH ROW EXECUTE FUNCTION full()")]
    [InlineData("CREATE FUNCTION dead() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE deadlock_detected; END $f$; CREATE TRIGGER quota BEFORE INSERT ON voice.business_voice_change FOR EACH ROW EXECUTE FUNCTION dead()")]
    public async Task An_application_that_writes_meanwhile_notices_nothing(string deed)
    {
        await using var database = await servers.Migrated.CopyAsync(200);
        await Application.MigrateAsync(database);
        await using var shop = await Application.CreateAsync(database);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var writers = Enumerable.Range(0, 3).Select(n => new Writer(shop, n)).ToList();
        var writing = writers.Select(writer => writer.WriteAsync(enough.Token)).ToList();
        await Writer.AfterMoreAsync(writers, 5);

        await database.ExecuteAsync(deed.Replace("MIGRATOR", await OwnerAsync(database), StringComparison.Ordinal));

        await Writer.AfterMoreAsync(writers, 5);
        await enough.CancelAsync();
        await Task.WhenAll(writing);
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(DISTINCT voice_id) FROM business WHERE id > 150"));
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

    private static Task<string> OwnerAsync(LegacyDatabase database) => database.ScalarAsync<string>(
        "SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'record_direct_change'");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>One session of the application: a statement for one business, then one for many.</summary>
    private sealed class Writer(Application shop, int number)
    {
        private static readonly string[] Voices = ["sage", "coral", "verse"];
        private int _rounds;

        public async Task WriteAsync(CancellationToken enough)
        {
            await using var session = await shop.OpenAsync();
            for (; !enough.IsCancellationRequested; Interlocked.Increment(ref _rounds))
            {
                var voice = Voices[_rounds % 3];
                await using var one = new NpgsqlCommand($"UPDATE business SET voice_id = '{voice}' WHERE id = {number + 1}", session);
                Assert.Equal(1, await one.ExecuteNonQueryAsync(Token));
                await using var many = new NpgsqlCommand($"UPDATE business SET voice_id = '{voice}' WHERE id > 150", session);
                Assert.Equal(50, await many.ExecuteNonQueryAsync(Token));
            }
        }

        /// <summary>Waits until each has gone on; or until one has failed, which the test then sees.</summary>
        public static async Task AfterMoreAsync(IReadOnlyList<Writer> writers, int rounds)
        {
            var before = writers.Select(writer => Volatile.Read(ref writer._rounds)).ToList();
            Assert.True(await VoiceWorker.Infrastructure.Processes.Polling.UntilAsync(
                _ => Task.FromResult(writers.Zip(before).All(pair => Volatile.Read(ref pair.First._rounds) >= pair.Second + rounds)),
                Waits.Longest, Token));
        }
    }
}
