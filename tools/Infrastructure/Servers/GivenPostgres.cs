namespace VoiceWorker.Infrastructure.Servers;

internal sealed class GivenPostgres : PostgresServer
{
    private GivenPostgres(string connectionString) => ConnectionString = connectionString;

    public override string ConnectionString { get; }

    /// <summary>A server that was asked for and is not there is an error, never a reason to take another.</summary>
    public static async Task<GivenPostgres> ConnectAsync(
        string connectionString, CancellationToken cancellationToken) =>
        await AnswersAsync(connectionString, cancellationToken)
            ? new GivenPostgres(connectionString)
            : throw new ServerUnavailableException("VOICE_POSTGRES is set and its server does not answer");

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
