using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using VoiceWorker.Servers;
using VoiceWorker.WebConsole.Access;

namespace VoiceWorker.WebConsole.Pages;

/// <summary>What is answered where there is no page: what is the matter, and what to do.</summary>
internal static class ErrorPages
{
    /// <summary>For a status without a body.</summary>
    public static Task WriteAsync(StatusCodeContext status) =>
        WriteAsync(status.HttpContext, status.HttpContext.Response.StatusCode, WhyNot(status.HttpContext));

    /// <summary>For a page that failed.</summary>
    public static Task WriteFailureAsync(HttpContext http)
    {
        var failure = http.Features.Get<IExceptionHandlerFeature>()!.Error;
        if (failure is BadHttpRequestException bad)
            return WriteAsync(http, bad.StatusCode, null);
        var words = ServerFailure.Describe(failure);
        http.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("VoiceWorker.Console")
            .ConsolePageFailed(words);
        return WriteAsync(http, StatusCodes.Status503ServiceUnavailable, words);
    }

    // Signed in, and of no use: only whoever gives the roles can help.
    private static string? WhyNot(HttpContext http) =>
        http.Response.StatusCode == StatusCodes.Status403Forbidden && http.User.Role() is null
            ? $"You are signed in as {http.User.NameOrUnknown()}, to whom the provider gives no role of this console."
            : null;

    /// <summary>Says why something was not done.</summary>
    public static Task WriteAsync(HttpContext http, int status, string? reason)
    {
        http.Response.StatusCode = status;
        var page = new RazorComponentResult<ErrorPage>(new { Status = status, Reason = reason });
        page.StatusCode = status;
        return page.ExecuteAsync(http);
    }
}
