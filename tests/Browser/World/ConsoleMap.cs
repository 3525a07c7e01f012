using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using VoiceWorker.WebConsole;

namespace VoiceWorker.Tests.Browser.World;

/// <summary>The addresses that a console has, as it maps them: what is added later is tested too.</summary>
internal static partial class ConsoleMap
{
    private static readonly string[] Settings =
    [
        "--ConnectionStrings:Postgres=Host=127.0.0.1", "--ConnectionStrings:RabbitMq=amqp://127.0.0.1",
    ];

    private static readonly RouteEndpoint[] All =
    [
        .. ((IEndpointRouteBuilder)ConsoleHost.Build(Settings)).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>(),
    ];

    /// <summary>Whatever takes a form.</summary>
    public static IReadOnlyList<string> Forms { get; } = [.. Taking("POST").Select(Address).Distinct()];

    /// <summary>What changes something: below /do.</summary>
    public static IReadOnlyList<string> Acts { get; } = [.. Forms.Where(form => form.StartsWith("/do/", StringComparison.Ordinal))];

    /// <summary>Patterns of the pages; the ones with fewer variables first.</summary>
    public static IReadOnlyList<string> Pages { get; } =
    [
        .. All.Where(one => one.Metadata.GetMetadata<ComponentTypeMetadata>() is not null)
            .Select(one => one.RoutePattern).OrderBy(one => one.Parameters.Count).Select(one => "/" + one.RawText!.TrimStart('/')).Distinct(),
    ];

    /// <summary>An address of each of them, whether or not there is what it asks for.</summary>
    public static IEnumerable<string> PageAddresses => Pages.Select(AddressOf);

    /// <summary>Of each page of a console one address for each set of names in its query, found by following links as somebody who reads.</summary>
    /// <param name="reader">Who follows them.</param>
    /// <param name="known">Pages that no link leads to, but a form.</param>
    public static async Task<IReadOnlyList<string>> FollowAsync(Person reader, params string[] known)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal) { ["/"] = "/" };
        var next = new Queue<string>(["/"]);
        foreach (var address in known)
            Take(address);
        while (next.TryDequeue(out var page))
        {
            foreach (Match link in Link().Matches(await reader.ReadAsync(page)))
                Take(WebUtility.HtmlDecode(link.Groups[1].Value));
        }

        return [.. found.Values];

        void Take(string address)
        {
            if (PatternOf(address) is { } pattern && found.TryAdd(pattern + Names(address), address))
                next.Enqueue(address);
        }
    }

    /// <summary>Of the page at an address; null where there is no page.</summary>
    public static string? PatternOf(string address) => Pages.FirstOrDefault(pattern =>
        new TemplateMatcher(TemplateParser.Parse(pattern), []).TryMatch(address.Split('?')[0], []));

    private static string Names(string address) => address.Split('?') is [_, var query]
        ? "?" + string.Join('&', query.Split('&').Select(pair => pair.Split('=')[0]).Order(StringComparer.Ordinal)) : "";

    private static IEnumerable<RouteEndpoint> Taking(string method) =>
        All.Where(one => one.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains(method) == true);

    private static string Address(RouteEndpoint endpoint) => AddressOf(endpoint.RoutePattern.RawText!);

    private static string AddressOf(string pattern) => "/" + Variable().Replace(
        pattern, variable => variable.Value.Contains(":guid", StringComparison.Ordinal) ? Guid.Empty.ToString() : "x").TrimStart('/');

    [GeneratedRegex("""<a [^>]*href="(/[^"#]*)""")]
    private static partial Regex Link();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Variable();
}
