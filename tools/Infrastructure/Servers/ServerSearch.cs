namespace VoiceWorker.Infrastructure.Servers;

/// <summary>The order in which a server is looked for.</summary>
internal sealed class ServerSearch<T>(string server, Action<string> progress)
    where T : class
{
    private readonly List<string> _tried = [];

    public required string Variable { get; init; }

    public required Func<string, CancellationToken, Task<T>> Given { get; init; }

    public required Func<CancellationToken, Task<T>> Container { get; init; }

    public required Func<CancellationToken, Task<T>> Local { get; init; }

    public async Task<T> FindAsync(CancellationToken cancellationToken)
    {
        var forced = Environment.GetEnvironmentVariable("VOICE_SERVERS") ?? "";
        if (forced is not ("" or "docker" or "local"))
            throw new ServerUnavailableException($"VOICE_SERVERS is {forced}; it may be docker or local");

        if (forced == "" && Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
            return await Given(given, cancellationToken);
        _tried.Add($"the environment: {Variable} {(forced == "" ? "is not set" : "is overruled by VOICE_SERVERS")}");

        return await TryAsync("Docker", forced != "local", Container, cancellationToken)
            ?? await TryAsync("local binaries", forced != "docker", Local, cancellationToken)
            ?? throw new ServerUnavailableException(
                $"No {server}. Tried: {string.Join("; ", _tried.Select((attempt, i) => $"{i + 1}. {attempt}"))}");
    }

    private async Task<T?> TryAsync(
        string place, bool allowed, Func<CancellationToken, Task<T>> start, CancellationToken cancellationToken)
    {
        if (!allowed)
        {
            _tried.Add($"{place}: excluded by VOICE_SERVERS");
            return null;
        }

        try
        {
            return await start(cancellationToken);
        }
        catch (ServerUnavailableException e)
        {
            _tried.Add($"{place}: {e.Message}");
            progress($"{server}: {place}: {e.Message}");
            return null;
        }
    }
}
