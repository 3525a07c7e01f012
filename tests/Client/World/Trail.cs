using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using VoiceWorker.Client.Audit;
using Xunit;

namespace VoiceWorker.Tests.Client.World;

/// <summary>A ledger in a file, and what its handler got.</summary>
internal sealed class Trail(string file) : IDisposable
{
    public FileLedger Ledger { get; } = new(file);

    public List<ReceivedEvent> Got { get; } = [];

    public IEnumerable<long> Sequences => Got.Select(received => received.Sequence);

    /// <summary>In one transaction.</summary>
    public async Task TakeAllAsync(IReadOnlyList<Published> events)
    {
        var token = TestContext.Current.CancellationToken;
        await using var transaction = await Ledger.BeginAsync(token);
        foreach (var (type, body) in events)
        {
            var delivery = new VoiceWorker.Client.Audit.Delivery(1, type, IsReplay: false, Encoding.UTF8.GetBytes(body));
            if (await SequenceRule.TakeAsync(transaction, delivery, NullLogger.Instance, token) is { } received)
                Got.Add(received);
        }

        await transaction.CommitAsync(token);
    }

    public void Dispose() => Ledger.Dispose();
}
