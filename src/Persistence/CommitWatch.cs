using Npgsql;

namespace VoiceWorker.Persistence;

/// <summary>Hears when PostgreSQL gives up waiting for a synchronous standby: the commit is a success then, with a
/// warning.</summary>
internal sealed class CommitWatch : IDisposable
{
    // The source of the warning. Its SQLSTATE is that of every RAISE WARNING of a trigger.
    private const string Routine = "SyncRepWaitForLSN";

    private readonly NpgsqlConnection _connection;
    private bool _isUnconfirmed;

    public CommitWatch(NpgsqlConnection connection)
    {
        _connection = connection;
        _connection.Notice += Hear;
    }

    /// <summary>Passes when every commit since the beginning was waited for to its end.</summary>
    public void ThrowIfUnconfirmed()
    {
        if (_isUnconfirmed)
            throw new UnconfirmedCommitException();
    }

    public void Dispose() => _connection.Notice -= Hear;

    private void Hear(object sender, NpgsqlNoticeEventArgs heard) => _isUnconfirmed |= heard.Notice.Routine == Routine;
}

/// <summary>A commit is on this server only: a synchronous standby did not confirm it within Command Timeout.</summary>
public sealed class UnconfirmedCommitException() : Exception(
    "the commit is on this server only, because no synchronous standby has confirmed it within Command Timeout");
