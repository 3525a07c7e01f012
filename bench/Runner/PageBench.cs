using System.Globalization;
using System.Text.RegularExpressions;
using VoiceWorker.Infrastructure.Processes;

namespace VoiceWorker.Bench;

/// <summary>How long each page of the console takes where years of calls are recorded and very many letters are dead,
/// and whether the process keeps its memory.</summary>
internal sealed partial class PageBench(
    Stage stage, Filling filling, int letters, int looks, CancellationToken cancellationToken)
{
    private const int WarmUp = 10;
    private const int LettersOfAPage = 50;
    private const string ErrorQueue = "voice-worker.call-started_error";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    // What a page has that cannot show what it should.
    private static readonly string[] Obstacles =
        ["class=\"result bad\"", "data-reload", "class=\"rule\" role=\"status\""];
    private static readonly string[] Columns = ["p50", "p95", "max", "KiB"];

    private readonly List<string> _ids = [];
    private IReadOnlyList<string> _calls = [];

    /// <summary>0 when every look was answered and every letter is shown, else 1.</summary>
    public async Task<int> RunAsync()
    {
        await using var database = await filling.CreateAsync(stage, cancellationToken);
        _calls = await filling.CallIdsAsync(database, looks, cancellationToken);
        var system = SystemUnderTest.WithConsole(tabs: 1);
        await using var running = await system.StartAsync(stage, database, cancellationToken);
        using var browser = await running.SignInAsync(cancellationToken);
        await DieAsync();
        await CollectAsync(browser);
        Console.WriteLine($"\n{stage.Surroundings}\n{filling.Calls:#,0} calls, {filling.Events:#,0} events, "
            + $"{letters:#,0} dead letters; {looks} looks at each, ms\n"
            + $"{"",-34}{string.Concat(Columns.Select(name => $"{name,10}"))}");
        foreach (var (name, page) in Pages())
            await MeasureAsync(browser, name, page, WarmUp);
        var (before, rows) = (running.ResidentMiB(), new List<(string Page, IEnumerable<double> Figures)>());
        foreach (var (name, page) in Pages())
        {
            rows.Add((name, await MeasureAsync(browser, name, page, looks)));
            Console.WriteLine($"{name,-34}" + string.Concat(rows[^1].Figures.Select(
                figure => string.Create(CultureInfo.InvariantCulture, $"{figure,10:0}"))));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"resident MiB before these looks {before:0}, after them {running.ResidentMiB():0}"));
        await stage.WriteAsync("pages", ["page", .. Columns], rows, cancellationToken);
        await running.StopAsync(cancellationToken);
        return _ids.Count > 0 ? 0 : 1;
    }

    // Each look at another one, so that no cache answers for all.
    private IEnumerable<(string Name, Func<int, string> Page)> Pages() =>
    [
        ("overview", _ => "/"),
        ("dead letters", _ => "/dead-letters"),
        ("dead letters, somewhere",
            look => $"/dead-letters?page={1 + look * 31 % Math.Max(1, letters / LettersOfAPage)}"),
        ("dead letters of a business", look => $"/dead-letters?business={Businesses.Known(look)}"),
        ("dead letters of a reason", look => $"/dead-letters?reason={PoisonWork.FieldOf(look)}"),
        ("a dead letter", look => $"/dead-letters/{_ids[look * 7 % _ids.Count]}"),
        ("businesses", _ => "/voices"),
        ("a business", look => $"/voices?q={Businesses.Known(look)}"),
        ("a call", look => $"/voices?q={_calls[look]}"),
        ("audit", _ => "/audit"),
        ("audit of a stream", look => $"/audit?stream={Businesses.Known(look)}"),
        ("audit of a day", look => $"/audit?from=2025-{1 + look % 12:00}-01&to=2025-{1 + look % 12:00}-02"),
        ("audit, rejected changes", _ => "/audit?type=BusinessVoiceChangeRejected"),
        ("audit of a voice", _ => "/audit?voice=ash"),
        ("consuming", _ => "/consuming"),
        ("schema", _ => "/schema"),
        ("acts", _ => "/acts"),
    ];

    // Breaks the contract in the worker, as it would come about.
    private async Task DieAsync()
    {
        var poison = new PoisonWork(letters);
        await stage.Broker.PublishAsync(poison, 0, letters, cancellationToken);
        await Polling.UntilAsync(
            async token => await stage.Broker.DepthAsync(ErrorQueue, token) >= letters, Patience, cancellationToken);
    }

    // Until the console has read all of them: the list says how many there are.
    private async Task CollectAsync(HttpClient browser)
    {
        var all = letters.ToString("#,0", CultureInfo.InvariantCulture);
        await Polling.UntilAsync(async token =>
        {
            var (html, _) = await OpenTabs.LookAsync(browser, "/dead-letters", token);
            if (!html.Contains($"all {all} letters", StringComparison.Ordinal))
                return false;
            _ids.AddRange(Letter().Matches(html).Select(match => match.Groups[1].Value).Distinct());
            return true;
        }, Patience, cancellationToken);
    }

    private async Task<double[]> MeasureAsync(HttpClient browser, string name, Func<int, string> page, int count)
    {
        var (milliseconds, length) = (new List<double>(), 0L);
        for (var look = 0; look < count; look++)
        {
            var seen = await OpenTabs.LookAsync(browser, page(look), cancellationToken);
            if (Obstacles.Any(obstacle => seen.Html.Contains(obstacle, StringComparison.Ordinal)))
                throw new InvalidOperationException($"{name} cannot be shown: {page(look)}");
            milliseconds.Add(seen.Milliseconds);
            length += seen.Html.Length;
        }

        var delays = Delays.Of(milliseconds);
        return [delays.P50, delays.P95, delays.Max, length / count / 1024.0];
    }

    [GeneratedRegex("href=\"/dead-letters/([^\"?]+)\"")]
    private static partial Regex Letter();
}
