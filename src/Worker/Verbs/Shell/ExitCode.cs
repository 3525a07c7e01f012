using VoiceWorker.Contracts;

namespace VoiceWorker.Verbs.Shell;

/// <summary>What the process ends with.</summary>
internal static class ExitCode
{
    public const int Ok = 0;
    public const int Unexpected = 1;

    /// <summary>The command line or a setting is wrong; also: <c>migrate --plan</c> has pending steps.</summary>
    public const int Usage = 2;

    public const int PlanHasPendingSteps = 2;
    public const int PrivilegeMissing = 3;
    public const int LockBudgetExceeded = 4;
    public const int VerificationFailed = 5;
    public const int Unsupported = 6;
    public const int Unreachable = 7;

    /// <summary>A dead letter or an audit event could not be replayed; it is where it was.</summary>
    public const int NotReplayed = 8;

    /// <summary>The audit trail and what was recorded differ.</summary>
    public const int Differences = 9;

    /// <summary><c>doctor</c> found what keeps a worker from working.</summary>
    public const int Unhealthy = 10;

    /// <summary><c>voice set</c>: the change was rejected, and is recorded as such.</summary>
    public const int Rejected = 11;

    /// <summary><c>pause</c>, <c>resume</c>, <c>drain</c>: it is recorded and in force, and some worker has not done so
    /// yet.</summary>
    public const int NotObeyed = 12;

    /// <summary>Ended by Ctrl-C before all was done, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>For an act that ended so.</summary>
    public static int Of(OperatorActResult ended) => ended switch
    {
        OperatorActResult.Done => Ok,
        OperatorActResult.Incomplete => NotReplayed,
        OperatorActResult.Rejected => Rejected,
        OperatorActResult.Interrupted => Interrupted,
        _ => Unexpected,
    };
}
