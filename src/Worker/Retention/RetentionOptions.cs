using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using VoiceWorker.Persistence;
using VoiceWorker.Persistence.Retention;
using VoiceWorker.Persistence.Schema;

namespace VoiceWorker.Retention;

/// <summary>Section <c>Retention</c>: how long records are kept; unlimited unless it is set.</summary>
internal sealed class RetentionOptions : IValidatableObject
{
    private const string Least = "1.00:00:00";
    private const string Most = "36500.00:00:00";

    /// <summary>For how long decisions are kept, counted from their audit event, and with them the knowledge that a
    /// call or a change has been seen: a repeat within it is answered as recorded, a later one is decided
    /// anew.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Decisions { get; set; }

    /// <summary>For how long audit events are kept once they are published.</summary>
    [Range(typeof(TimeSpan), Least, Most)]
    public TimeSpan? Audit { get; set; }

    /// <summary>How often the relaying worker looks for what is too old.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Whether anything is ever removed.</summary>
    internal bool IsOn => Decisions is not null;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Audit is { } audit && !(Decisions <= audit))
        {
            yield return new ValidationResult(
                "Retention:Audit must not be shorter than Retention:Decisions, which must be set too: "
                + "a decision is found by its event, so that it cannot outlive it");
        }
    }
}

/// <summary>Refuses to start where something is to be removed and the role may not: unnoticed, it would be kept for
/// ever.</summary>
internal sealed class RetentionCheck(PostgresConnections connections, IOptions<RetentionOptions> options)
{
    /// <summary>Returns when nothing is to be removed, or the role may.</summary>
    /// <exception cref="PrivilegeMissingException">It may not.</exception>
    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.IsOn)
            return;
        await using var connection = await connections.OpenAsync(cancellationToken);
        if (!await RetentionTable.MayRemoveAsync(connection, cancellationToken))
        {
            throw new PrivilegeMissingException(
                "Retention:Decisions is set, and the role may not remove anything",
                $"GRANT EXECUTE ON FUNCTION voice.remove_decisions, voice.remove_events TO \"{connection.UserName}\";");
        }
    }
}
