using System.Globalization;
using System.Text.Json.Nodes;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Infrastructure.Servers;

/// <summary>A Prometheus server of this machine, and its own checker of rules.</summary>
public sealed class LocalPrometheus : IAsyncDisposable
{
    private readonly DataDirectory _directory;
    private readonly SupervisedProcess _process;
    private readonly HttpClient _client = new();
    private Uri _http = null!;

    private LocalPrometheus(DataDirectory directory)
    {
        _directory = directory;
        _process = new SupervisedProcess(directory, Path.Combine(directory.Root, "no.pid"));
    }

    /// <summary>Installs it if it is missing, and starts it.</summary>
    /// <param name="configuration">As in prometheus.yml, with absolute paths.</param>
    /// <param name="options">Where to report.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="ServerUnavailableException">No binary, or it does not start.</exception>
    public static async Task<LocalPrometheus> LaunchAsync(
        string configuration, ServerOptions options, CancellationToken cancellationToken)
    {
        var binaries = await Installation.Prometheus.FindAsync(options.Progress, cancellationToken);
        var account = await Account.ForAsync("prometheus", cancellationToken);
        var prometheus = new LocalPrometheus(await DataDirectory.OpenAsync("prometheus", options, account, cancellationToken));
        try
        {
            await PortCollision.RetryAsync(
                (port, token) => prometheus.StartOnAsync(port, binaries, configuration, account, token), cancellationToken);
            return prometheus;
        }
        catch
        {
            await prometheus.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs promtool, which comes with it; returns what it says.</summary>
    /// <exception cref="CommandFailedException">It found something wrong.</exception>
    public static async Task<string> CheckAsync(
        ServerOptions options, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var binaries = await Installation.Prometheus.FindAsync(options.Progress, cancellationToken);
        return await Command.RunAsync([Path.Combine(binaries, "promtool"), .. arguments], cancellationToken);
    }

    /// <summary>What a query gives at this moment: labels and value of each series.</summary>
    /// <param name="query">PromQL.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, double Value)>> QueryAsync(
        string query, CancellationToken cancellationToken)
    {
        using var asked = new FormUrlEncodedContent([new("query", query)]);
        using var answer = await _client.PostAsync(new Uri(_http, "/api/v1/query"), asked, cancellationToken);
        var json = JsonNode.Parse(await answer.Content.ReadAsStringAsync(cancellationToken))!;
        if (json["status"]!.ToString() != "success")
            throw new InvalidOperationException($"{query}: {json["error"]}");
        return [.. json["data"]!["result"]!.AsArray().Select(Read)];
    }

    public async ValueTask DisposeAsync()
    {
        await _process.KillAsync(CancellationToken.None);
        _directory.Dispose();
        _client.Dispose();
    }

    private static (IReadOnlyDictionary<string, string>, double) Read(JsonNode? series) => (
        series!["metric"]!.AsObject().ToDictionary(label => label.Key, label => label.Value!.ToString()),
        double.Parse(series["value"]![1]!.ToString(), CultureInfo.InvariantCulture));

    private async Task StartOnAsync(
        int port, string binaries, string configuration, Account account, CancellationToken cancellationToken)
    {
        _http = new Uri($"http://127.0.0.1:{port}");
        var settings = Path.Combine(_directory.Data, "prometheus.yml");
        Directory.CreateDirectory(_directory.Data);
        await File.WriteAllTextAsync(settings, configuration, cancellationToken);
        await account.OwnAsync(_directory.Data, cancellationToken);
        await _process.StartAsync(
            account.Running(
                Path.Combine(binaries, "prometheus"), $"--config.file={settings}", $"--web.listen-address=127.0.0.1:{port}",
                $"--storage.tsdb.path={Path.Combine(_directory.Data, "tsdb")}"),
            new Dictionary<string, string>(), AnswersAsync, cancellationToken);
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await _client.GetAsync(new Uri(_http, "/-/ready"), cancellationToken);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
