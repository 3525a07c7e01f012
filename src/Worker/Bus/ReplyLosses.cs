using VoiceWorker.Observability;
using VoiceWorker.Persistence;

namespace VoiceWorker.Bus;

/// <summary>
/// Replies that callers asked for and do not get. Each is counted; of each kind a line says when they begin and one
/// when they are over, so that a kind which never ends hides no other.
/// </summary>
internal sealed class ReplyLosses
{
    private readonly WorkerMetrics _metrics;
    private readonly Episode[] _kinds;

    public ReplyLosses(WorkerMetrics metrics, TimeProvider time, ILogger<ReplyLosses> logger)
    {
        _metrics = metrics;
        _kinds =
        [
            .. Enum.GetValues<ReplyLoss>().Select(loss => new Episode(
                time, logger.RepliesLost, count => logger.RepliesFlowAgain(WireName.Of(loss), count))),
        ];
    }

    /// <summary>A reply is lost.</summary>
    /// <param name="reason">May quote a peer.</param>
    public void Note(ReplyLoss loss, string reason)
    {
        _metrics.ReplyLost(loss);
        _kinds[(int)loss].Note(PeerText.Line(reason));
    }
}
