using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Calls;

/// <summary>Section <c>Replies</c>.</summary>
public sealed class ReplyOptions
{
    /// <summary>When the database has not answered by then, the caller gets the default voice.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(250);
}
