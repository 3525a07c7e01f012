namespace VoiceWorker.Persistence.Schema;

/// <summary>How far a step has come.</summary>
/// <param name="Step">Which.</param>
/// <param name="Rows">Rows changed so far; 0 in a step that changes none.</param>
/// <param name="Total">Rows that are due in all, as far as is known; 0 in a step that changes none.</param>
/// <param name="IsOver">Whether it has ended.</param>
public sealed record StepProgress(MigrationStep Step, long Rows, long Total, bool IsOver);
