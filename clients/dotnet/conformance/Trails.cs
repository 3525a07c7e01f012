using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using VoiceWorker.Client.Audit;

namespace VoiceWorker.Client.Conformance;

/// <summary>The audit consumers that were started, and their ledgers.</summary>
internal sealed class Trails(string[] urls, ILoggerFactory log, CancellationToken stop)
{
    private readonly ConcurrentDictionary<string, Lazy<FileLedger>> _ledgers = new(StringComparer.Ordinal);
    private readonly ConcurrentBag<Task> _running = [];

    public Task<JsonObject> ConsumeAsync(Fields fields)
    {
        var failAt = fields.Text("failAt");
        var options = new AuditConsumerOptions { Uris = urls, Queue = fields.Text("queue")! };
        var consumer = new AuditConsumer<FileTransaction>(options, LedgerOf(fields), Handle, log);
        _running.Add(Task.Run(() => consumer.RunAsync(stop)));
        return Task.FromResult(new JsonObject { ["consuming"] = true });

        Task Handle(ReceivedEvent received, FileTransaction transaction, CancellationToken cancellationToken)
        {
            var eventId = received.Body.GetProperty("eventId").GetString();
            if (eventId == failAt)
            {
                failAt = null;
                throw new InvalidOperationException("as it was told to");
            }

            Output.Write(new JsonObject { ["event"] = Told(received, eventId) });
            return Task.CompletedTask;
        }
    }

    public async Task<JsonObject> GapsAsync(Fields fields)
    {
        var gaps = await LedgerOf(fields).GapsAsync(stop);
        return new JsonObject
        {
            ["gaps"] = new JsonArray([.. gaps.Select(gap => new JsonArray(gap.Stream, gap.First, gap.Last))]),
        };
    }

    /// <summary>Returns when all have stopped.</summary>
    public async Task EndedAsync()
    {
        await Task.WhenAll(_running);
        foreach (var ledger in _ledgers.Values)
            ledger.Value.Dispose();
    }

    private FileLedger LedgerOf(Fields fields) => _ledgers.GetOrAdd(
        fields.Text("ledger")!, static path => new Lazy<FileLedger>(() => new FileLedger(path))).Value;

    private static JsonObject Told(ReceivedEvent received, string? eventId) => new()
    {
        ["eventId"] = eventId, ["stream"] = received.Stream, ["sequence"] = received.Sequence, ["type"] = received.Type,
        ["isReplay"] = received.IsReplay, ["isAltered"] = received.IsAltered,
    };
}
