using System.ComponentModel.DataAnnotations;

namespace VoiceWorker.Persistence.Schema;

/// <summary>Section <c>Changes</c>.</summary>
public sealed class ChangeOptions
{
    /// <summary>What becomes of a voice that the application writes into its table itself. The same for every worker
    /// and for <c>migrate</c>: whichever starts makes it so.</summary>
    [EnumDataType(typeof(DirectChanges))]
    public DirectChanges Direct { get; set; } = DirectChanges.Report;
}

/// <summary>What becomes of a voice that the application writes into its table itself.</summary>
public enum DirectChanges
{
    /// <summary>It is named until a later change settles it; nothing is added to the application's table.</summary>
    Report,

    /// <summary>Triggers record it in the application's own transaction, with an audit event.</summary>
    Capture,
}
