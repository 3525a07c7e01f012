return await VoiceWorker.Verbs.CommandLine.RunAsync(args);
