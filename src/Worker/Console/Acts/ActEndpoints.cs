using VoiceWorker.Boot;
using VoiceWorker.Verbs.Shell;
using VoiceWorker.WebConsole.Access;
using VoiceWorker.WebConsole.Pages;

namespace VoiceWorker.WebConsole.Acts;

/// <summary>The addresses of everything that changes something: POST, with the token of a form, for a role.</summary>
internal static class ActEndpoints
{
    private const string ReadOnly = "The console is read only (Console:ReadOnly).";

    /// <summary>Maps them.</summary>
    public static void MapActs(this IEndpointRouteBuilder console, ConsoleOptions options)
    {
        var acts = console.MapGroup("/do").AddEndpointFilter((asked, next) => options.ReadOnly
            ? RefuseAsync(asked.HttpContext, StatusCodes.Status403Forbidden, ReadOnly)
            : next(asked));
        acts.MapInterrupt();
        acts.MapLetters();
        acts.MapVoices();
        acts.MapConsuming();
        acts.MapAudit();
    }

    /// <summary>An act that is a job: the page that it was asked from shows what becomes of it.</summary>
    /// <param name="title">What it does.</param>
    /// <param name="read">Reads the form, and returns what is to be done.</param>
    public static void MapJob(
        this IEndpointRouteBuilder acts, string address, string role, string title,
        Func<Asked, Func<Job, Task<JobResult>>> read) =>
        acts.MapPost(address, async (HttpContext http, IFormCollection form, JobBoard board) =>
        {
            var asked = new Asked(http, form, acts.ServiceProvider);
            Func<Job, Task<JobResult>> act;
            try
            {
                act = read(asked);
            }
            catch (SettingsException wrong)
            {
                await ErrorPages.WriteAsync(http, StatusCodes.Status422UnprocessableEntity, wrong.Message);
                return;
            }

            var job = await board.StartAsync(title, asked.Person, act);
            http.Response.StatusCode = StatusCodes.Status303SeeOther;
            http.Response.Headers.Location = With(asked.Page, job);
        }).RequireAuthorization(role);

    private static void MapInterrupt(this IEndpointRouteBuilder acts) =>
        acts.MapPost("/interrupt", (HttpContext http, IFormCollection form, JobBoard board) =>
        {
            var job = board.Find(form["job"]);
            if (job is null)
                return Results.NotFound();
            if (job.Person != http.User.NameOrUnknown() && !http.User.Is(Roles.Admin))
                return Results.Forbid();
            job.Interrupt();
            return Results.LocalRedirect(With(new Asked(http, form, acts.ServiceProvider).Page, job));
        }).RequireAuthorization(Roles.Operator);

    private static string With(string page, Job job)
    {
        var query = page.IndexOf('?', StringComparison.Ordinal);
        var path = query < 0 ? page : page[..query];
        var others = query < 0 ? [] : page[(query + 1)..].Split('&')
            .Where(part => part.Length > 0 && !part.StartsWith("job=", StringComparison.Ordinal));
        return $"{path}?{string.Join('&', others.Append($"job={job.Id}"))}";
    }

    private static async ValueTask<object?> RefuseAsync(HttpContext http, int status, string reason)
    {
        await ErrorPages.WriteAsync(http, status, reason);
        return Results.Empty;
    }
}
