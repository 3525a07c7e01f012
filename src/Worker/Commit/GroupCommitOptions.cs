using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Commit;

/// <summary>Section <c>GroupCommit</c>.</summary>
public sealed class GroupCommitOptions
{
    /// <summary>Most requests in one transaction. Larger groups share one fsync among more, and lose more to a retry.</summary>
    [Range(1, 5000)]
    public int MaxGroupSize { get; set; } = 500;
}
