using VoiceWorker.WebConsole.Access;
using VoiceWorker.WebConsole.Live;
using VoiceWorker.WebConsole.Pages;
using VoiceWorker.WebConsole.Parts;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>Dead letters as a file, a JSON object a line, to be kept before they are discarded.</summary>
internal static class LetterFile
{
    public static void MapLetterFile(this IEndpointRouteBuilder console) =>
        console.MapGet("/files/dead-letters", WriteAsync).RequireAuthorization(Roles.Operator);

    private static async Task WriteAsync(HttpContext http, LetterFeed feed)
    {
        var given = new Given(http);
        var which = LetterQuery.Read(given);
        if (given.Refusals.FirstOrDefault() is { } refusal)
        {
            await ErrorPages.WriteAsync(http, StatusCodes.Status422UnprocessableEntity, refusal);
            return;
        }

        if ((await feed.LookAsync()).Value is not { } letters)
        {
            await ErrorPages.WriteAsync(
                http, StatusCodes.Status503ServiceUnavailable, "The dead letters are being read.");
            return;
        }

        http.Response.ContentType = "application/jsonl";
        http.Response.Headers.ContentDisposition = "attachment; filename=\"dead-letters.jsonl\"";
        foreach (var entry in letters.Find(which))
        {
            var line = await letters.LineAsync(entry, http.RequestAborted);
            await http.Response.Body.WriteAsync(line, http.RequestAborted);
        }
    }
}
