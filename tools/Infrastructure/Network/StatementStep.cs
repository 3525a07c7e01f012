namespace VoiceWorker.Infrastructure.Network;

/// <summary>What becomes of a statement.</summary>
internal enum Step
{
    /// <summary>The client has asked for it.</summary>
    Runs,

    /// <summary>The server answers that it has touched or returned rows.</summary>
    HasRun,

    /// <summary>The server answers that its transaction is over, and was not rolled back.</summary>
    IsCommitted,
}

/// <summary>That a piece completes a step of a statement.</summary>
/// <param name="Step">Which.</param>
/// <param name="Mark">Of the statement.</param>
/// <param name="End">Where in the piece.</param>
internal readonly record struct StatementStep(Step Step, string Mark, int End);
