using Microsoft.Extensions.Options;
using Npgsql;
using VoiceWorker.Persistence.Audit;

namespace VoiceWorker.Relay;

/// <summary>When the leader seals: after so many events, or so long after the first that is not sealed.</summary>
internal sealed class TrailSealer(SealWriter writer, IOptions<AuditOptions> options, TimeProvider time)
{
    private readonly AuditOptions _options = options.Value;
    private SealPoint? _last;
    private long _unsealed;
    private TimeSpan _age;
    private long _since;

    /// <summary>A leadership begins: what an earlier leader has not sealed is this one's to seal.</summary>
    public async Task BeginAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        (_last, _unsealed, _age) = await SealWriter.ReadAsync(session, _options.SealEvents, cancellationToken);
        _since = time.GetTimestamp();
    }

    /// <summary>Events were sequenced.</summary>
    public void Note(int events)
    {
        if (_unsealed == 0)
            (_age, _since) = (TimeSpan.Zero, time.GetTimestamp());
        _unsealed += events;
    }

    /// <summary>Seals when it is time.</summary>
    /// <param name="session">The leader's, without an open transaction.</param>
    /// <returns>The seal; null when it is not time.</returns>
    public async Task<StoredEvent?> SealAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        if (!IsDue)
            return null;
        var stored = await writer.SealAsync(session, _last!, time.GetUtcNow(), cancellationToken);
        if (stored is not null)
            _last = SealPoint.Of(stored);
        _unsealed = 0;
        return stored;
    }

    private bool IsDue => _unsealed >= _options.SealEvents
        || (_unsealed > 0 && _age + time.GetElapsedTime(_since) >= _options.SealInterval);
}
