using System.Diagnostics;

namespace VoiceWorker.Commit;

/// <summary>A message that waits for the transaction of its group.</summary>
internal interface ITraced
{
    /// <summary>The span of its delivery, until it is committed; null when nobody listens.</summary>
    Activity? Span { get; set; }
}
