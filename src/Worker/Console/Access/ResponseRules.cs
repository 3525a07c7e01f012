namespace VoiceWorker.WebConsole.Access;

/// <summary>What every answer forbids the browser to do with it.</summary>
internal static class ResponseRules
{
    private const string Policy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /// <summary>Adds the headers to whatever answers; late, for the page of a failure begins without any.</summary>
    public static void UseResponseRules(this IApplicationBuilder console) => console.Use((http, next) =>
    {
        http.Response.OnStarting(static response => AddAsync(((HttpResponse)response).Headers), http.Response);
        return next(http);
    });

    private static Task AddAsync(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        if (headers.CacheControl.Count == 0)
            headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }
}
