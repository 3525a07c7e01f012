using System.Globalization;
using System.Text;
using Npgsql;
using RabbitMQ.Client;
using VoiceWorker.Bus;
using VoiceWorker.Contracts;
using VoiceWorker.Infrastructure.Processes;
using VoiceWorker.Tests.Integration.DeadLetters;
using VoiceWorker.Voices;
using Xunit;

namespace VoiceWorker.Tests.Integration.Bus;

/// <summary>Valid messages, changed at random: each one is taken, or kept as it came with a reason. Nothing vanishes.</summary>
[FullRun]
public sealed class MutatedMessagesOnTheBusTests(WorkerFixture worker) : IClassFixture<WorkerFixture>
{
    private const int AtOnce = 500;

    private static readonly int Count = Environment.GetEnvironmentVariable("VOICE_TEST_LONG") == "1" ? 10_000 : 2_000;

    private static readonly int Seed = int.Parse(
        Environment.GetEnvironmentVariable("VOICE_TEST_SEED") ?? $"{Random.Shared.Next()}", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Mutated_messages_are_each_taken_or_kept_with_a_reason()
    {
        var sent = Enumerable.Range(0, Count).Select(Mutated).ToList();
        foreach (var some in sent.Chunk(AtOnce))
            await Task.WhenAll(some.Select(SendAsync));

        var kept = new Dictionary<string, Delivery>();
        foreach (var group in sent.GroupBy(one => one.Exchange))
        {
            var expected = (uint)group.Count(one => one.Row is null);
            foreach (var dead in await DeadLetterVerbs.TakeAsync(worker.Broker, $"voice-worker.{group.Key}_error", expected))
                kept.Add(dead.Properties.MessageId!, dead);
        }

        var rows = sent.Select(one => one.Row).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var taken = await TakenAsync(rows.Count);
        var wrong = sent.Select(one => ProblemOf(one, kept.GetValueOrDefault(one.Id), taken)).OfType<string>().ToList();
        Assert.True(wrong.Count == 0, $"VOICE_TEST_SEED={Seed}, {wrong.Count} wrong\n{string.Join('\n', wrong.Take(20))}");
        Assert.Equal(Count, kept.Count + sent.Count(one => one.Row is not null));
        Assert.Equal(rows.Count, taken.Count);
        Assert.False(worker.Worker.Process.HasExited);
        TestContext.Current.TestOutputHelper!.WriteLine($"VOICE_TEST_SEED={Seed}: {kept.Count} kept, {Count - kept.Count} taken");
    }

    private static Sent Mutated(int n)
    {
        var call = n % 2 == 0;
        var enveloped = n % 4 > 1;
        var json = call
            ? Messages.Call.Replace("CA1", $"CA{n}", StringComparison.Ordinal)
            : Messages.Change.Replace("2026-01-31T09:30:00.5", $"{DateTime.UnixEpoch.AddHours(n):s}.5", StringComparison.Ordinal);
        var body = Mutation.Of(Encoding.UTF8.GetBytes(enveloped ? Messages.Enveloped(json) : json), new Random(unchecked(Seed + n)));
        return new Sent(
            $"{n}", call ? Exchanges.CallStarted : Exchanges.BusinessVoiceChanged,
            enveloped ? "application/vnd.masstransit+json" : "application/json", body, RowOf(body, call, enveloped));
    }

    // What the contract says of it, without a bus. Null for a message that is to be kept.
    private static string? RowOf(byte[] body, bool call, bool enveloped)
    {
        try
        {
            return (call, enveloped) switch
            {
                (true, false) => Messages.ReadCall(body).CallId,
                (true, true) => Messages.ReadEnvelopedCall(body)?.CallId,
                (false, false) => KeyOf(Messages.ReadChange(body)),
                (false, true) => KeyOf(Messages.ReadEnvelopedChange(body)),
            };
        }
        catch (InvalidMessageException)
        {
            return null;
        }
    }

    private static string? KeyOf(BusinessVoiceChanged? change) => change is null ? null
        : $"{change.BusinessId}|{(change.ChangedAt - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond}|{VoiceCatalogue.Normalize(change.VoiceId)}";

    private Task SendAsync(Sent one) => worker.Broker.PublishAsync(
        one.Exchange, one.Body, new BasicProperties { MessageId = one.Id, ContentType = one.ContentType });

    private async Task<HashSet<string>> TakenAsync(int expected)
    {
        HashSet<string> rows = [];
        await Polling.UntilAsync(
            async _ => (rows = await RowsAsync()).Count >= expected, Waits.Longest, TestContext.Current.CancellationToken);
        return rows;
    }

    private async Task<HashSet<string>> RowsAsync()
    {
        await using var connection = await worker.Database.OpenAsync();
        await using var command = new NpgsqlCommand("""
            SELECT call_id FROM voice.call_voice UNION ALL
            SELECT business_id || '|' || (extract(epoch FROM changed_at) * 1000000)::bigint || '|' || voice_id FROM voice.business_voice_change
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var rows = new HashSet<string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
            rows.Add(reader.GetString(0));
        return rows;
    }

    private static string? ProblemOf(Sent sent, Delivery? kept, HashSet<string> taken)
    {
        var what = $"{sent.Id} ({sent.ContentType}) {Encoding.UTF8.GetString(sent.Body)}";
        if (sent.Row is not null)
            return kept is not null ? $"kept, {kept.Header("MT-Fault-Message")}: {what}" : taken.Contains(sent.Row) ? null : $"vanished: {what}";
        return kept is null ? $"not kept: {what}"
            : !kept.Bytes.AsSpan().SequenceEqual(sent.Body) ? $"kept otherwise than it came: {what}"
            : kept.Header("MT-Fault-Message").Length == 0 ? $"kept without a reason: {what}" : null;
    }

    private sealed record Sent(string Id, string Exchange, string ContentType, byte[] Body, string? Row);
}
