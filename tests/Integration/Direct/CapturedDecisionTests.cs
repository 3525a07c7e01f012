using VoiceWorker.Changes;
using VoiceWorker.Contracts;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Businesses;
using VoiceWorker.Voices;
using Xunit;

namespace VoiceWorker.Tests.Integration.Direct;

/// <summary>Changes by message beside those that the application writes itself.</summary>
public sealed class CapturedDecisionTests(TestServers servers) : CapturedDatabase(servers)
{
    [Fact]
    public async Task The_workers_own_changes_are_recorded_once()
    {
        await CommitAsync(Change(1, "sage", 0), Change(2, "coral", 0), Change(1, "verse", 1), Change(1, "echo", 0));
        await CommitAsync(Change(1, "sage", 2));

        Assert.Equal(["ash sage -", "ash coral -", "sage verse -", "- echo -", "verse sage -"], await EventsAsync());
        Assert.Equal(5, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change"));
    }

    [Fact]
    public async Task A_message_from_before_a_direct_change_is_superseded_and_a_later_one_finds_it()
    {
        await CommitAsync(Change(1, "sage", 0));
        await Shop.ExecuteAsync("UPDATE business SET voice_id = 'marin' WHERE id = 1");
        await CommitAsync(Change(1, "coral", 60));
        await CommitAsync(new BusinessVoiceChanged(1, "verse", TimeProvider.System.GetUtcNow().AddMinutes(1)));

        Assert.Equal(
            ["ash sage -", $"sage marin db:{Shop.Role}", "- coral -", "marin verse -"], await EventsAsync());
        Assert.Equal("superseded", await Database.ScalarAsync<string>(
            "SELECT outcome FROM voice.business_voice_change WHERE voice_id = 'coral'"));
        Assert.Equal("verse", await Database.ScalarAsync<string>("SELECT voice_id FROM business WHERE id = 1"));
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.business_voice_change WHERE changed_outside"));
    }

    [Fact]
    public async Task A_trigger_of_the_application_that_spells_the_voice_anew_makes_no_second_change()
    {
        await Database.ExecuteAsync("""
            CREATE FUNCTION spell() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.voice_id := upper(NEW.voice_id); RETURN NEW; END $f$;
            CREATE TRIGGER spell BEFORE UPDATE ON business FOR EACH ROW EXECUTE FUNCTION spell();
            """);

        await CommitAsync(Change(1, "sage", 0));

        Assert.Equal(["ash sage -"], await EventsAsync());
        Assert.Equal(0, await CountOutsideAsync());
    }

    [Fact]
    public async Task Changes_that_are_recorded_again_after_a_promotion_are_told_once()
    {
        await using var connections = new PostgresConnections(Database.WorkerConnectionString, "public");
        await using var connection = await connections.OpenAsync(Token);
        await using var transaction = await connection.BeginTransactionAsync(Token);
        var told = new BusinessVoiceUpdated
        {
            EventId = Guid.CreateVersion7(At), Stream = "business-1", OccurredAt = At, BusinessId = 1,
            PreviousVoiceId = "verse", VoiceId = "sage", ChangedAt = At, ChangedBy = "db:shop", ChangedOutside = true,
        };
        await RestoredChanges.RecordAsync(connection, [told], Token);
        await transaction.CommitAsync(Token);

        Assert.Equal("sage true", await Database.ScalarAsync<string>("""
            SELECT concat_ws(' ', business.voice_id, changed_outside::text)
            FROM voice.business_voice_change JOIN business ON business.id = business_id
            """));
        Assert.Equal(0, await Database.ScalarAsync<long>("SELECT count(*) FROM voice.outbox"));
    }

    [Fact]
    public async Task A_long_transaction_of_the_application_makes_a_message_wait_and_find_it()
    {
        await using var session = await Shop.OpenAsync();
        await using var transaction = await session.BeginTransactionAsync(Token);
        await using (var update = new Npgsql.NpgsqlCommand("UPDATE business SET voice_id = 'marin' WHERE id = 1", session))
            await update.ExecuteNonQueryAsync(Token);
        var message = CommitAsync(new BusinessVoiceChanged(1, "verse", TimeProvider.System.GetUtcNow().AddMinutes(1)));
        Assert.True(await VoiceWorker.Infrastructure.Processes.Polling.UntilAsync(
            async _ => await Database.ScalarAsync<bool>(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"),
            Waits.Longest, Token));

        await transaction.CommitAsync(Token);
        await message;

        Assert.Equal([$"ash marin db:{Shop.Role}", "marin verse -"], await EventsAsync());
    }

    private static DateTimeOffset At { get; } = new(2026, 1, 31, 9, 30, 0, TimeSpan.Zero);

    private static BusinessVoiceChanged Change(int businessId, string voice, int second) =>
        new(businessId, voice, At.AddSeconds(second));

    private async Task CommitAsync(params BusinessVoiceChanged[] changes)
    {
        await using var connections = new PostgresConnections(Database.WorkerConnectionString, "public");
        var transaction = new ChangeTransaction(connections, new VoiceCatalogue(new VoiceOptions()), TimeProvider.System);
        await transaction.CommitAsync([.. changes.Select(change => new PendingChange(change, null))], Token);
    }

    private async Task<long> CountOutsideAsync()
    {
        await using var connections = new PostgresConnections(Database.WorkerConnectionString, "public");
        await using var connection = await connections.OpenAsync(Token);
        return (await OutsideVoices.CountAsync(connection, 1, TimeSpan.MaxValue, TimeProvider.System, Token)).Count;
    }

    private Task<string[]> EventsAsync() => Database.ScalarAsync<string[]>("""
        SELECT coalesce(array_agg(concat_ws(' ', coalesce(body->>'previousVoiceId', '-'), body->>'voiceId',
                                            coalesce(body->>'changedBy', '-')) ORDER BY id), '{}') FROM voice.outbox
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;
}
