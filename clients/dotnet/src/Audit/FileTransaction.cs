using System.Text.Json.Serialization;

namespace VoiceWorker.Client.Audit;

/// <summary>A transaction of a <see cref="FileLedger"/>.</summary>
public sealed class FileTransaction : IAuditTransaction
{
    private readonly FileLedger _ledger;
    private readonly Dictionary<string, StreamState> _changed = new(StringComparer.Ordinal);
    private bool _isEnded;

    internal FileTransaction(FileLedger ledger) => _ledger = ledger;

    /// <inheritdoc />
    public ValueTask<AuditProgress?> ProgressAsync(string stream, CancellationToken cancellationToken)
    {
        var state = Of(stream);
        return ValueTask.FromResult(state.Last == 0 ? null : new AuditProgress(state.Last, state.Hash));
    }

    /// <inheritdoc />
    public ValueTask SetProgressAsync(string stream, AuditProgress progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        _changed[stream] = Of(stream) with { Last = progress.Sequence, Hash = progress.Hash };
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask AddGapAsync(AuditGap gap, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(gap);
        var state = Of(gap.Stream);
        long[][] gaps = [.. state.Gaps.Append([gap.First, gap.Last]).OrderBy(one => one[0])];
        _changed[gap.Stream] = state with { Gaps = gaps };
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask<AuditGap?> RemoveGapAsync(string stream, long sequence, CancellationToken cancellationToken)
    {
        var state = Of(stream);
        var gap = Array.Find(state.Gaps, one => one[0] <= sequence && sequence <= one[1]);
        if (gap is null)
            return ValueTask.FromResult<AuditGap?>(null);
        _changed[stream] = state with { Gaps = [.. state.Gaps.Where(one => one != gap)] };
        return ValueTask.FromResult<AuditGap?>(new AuditGap(stream, gap[0], gap[1]));
    }

    /// <inheritdoc />
    public ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (_changed.Count > 0)
            _ledger.Commit(_changed.Values);
        _changed.Clear();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        if (!_isEnded)
            _ledger.End();
        _isEnded = true;
        return ValueTask.CompletedTask;
    }

    private StreamState Of(string stream) =>
        _changed.GetValueOrDefault(stream) ?? _ledger.Find(stream) ?? new StreamState(stream, 0, null, []);
}

/// <summary>What a ledger has of one stream, as it is in the file.</summary>
/// <param name="Stream">Such as <c>business-42</c>.</param>
/// <param name="Last">The highest sequence.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="Gaps">First and last of each, in order.</param>
internal sealed record StreamState(string Stream, long Last, string? Hash, long[][] Gaps);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StreamState[]))]
internal sealed partial class LedgerJson : JsonSerializerContext;
