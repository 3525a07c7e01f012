using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Section <c>Migration</c>.</summary>
public sealed class MigrationOptions
{
    /// <summary>Schema of the legacy application's tables.</summary>
    [Required(ErrorMessage = "the name of a schema, such as public")]
    [RegularExpression("^[A-Za-z_][A-Za-z0-9_]*$",
        ErrorMessage = "the name of a schema, such as public")]
    public string Schema { get; set; } = "public";

    /// <summary>How long all steps together may wait for locks before the worker gives up and names the
    /// blockers.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LockBudget { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Keys in the first batch of the backfill; it adapts from there.</summary>
    [Range(1, 100_000)]
    public int BackfillBatch { get; set; } = 5_000;

    /// <summary>Pause between two batches of the backfill.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:10")]
    public TimeSpan BackfillPause { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Columns without which the worker refuses to start, by table. A table named here replaces
    /// its default list; an empty list switches the check of that table off.</summary>
    public Dictionary<string, string[]> CriticalColumns { get; set; } = [];

    /// <summary>The columns to verify: the defaults, overridden table by table.</summary>
    public IReadOnlyDictionary<string, string[]> AllCriticalColumns()
    {
        var all = new Dictionary<string, string[]>(DefaultCriticalColumns, StringComparer.Ordinal);
        foreach (var (table, columns) in CriticalColumns)
            all[table] = columns;
        return all;
    }

    private static readonly Dictionary<string, string[]> DefaultCriticalColumns = new()
    {
        ["call_log"] =
        [
            "recording_mode", "recording_sid", "audio_bytes_len", "audio_duration_sec", "transcript_source",
            "stream_started_at", "stream_ended_at", "recording_count",
        ],
        ["leads"] = ["gender"],
        ["business"] = ["voice_id"],
    };
}
