package lint

// All are the rules, by group.
var All = []*Rule{
	configInCodeDir, configOverwritten, unitOverwritten, configEdited, gitClean, envInCheckout, configSecrets, environmentDrift, configAppended,
	stateInCodeDir, logInCodeDir, uploadInCodeDir, deleteBeforeCopy, volatileDirectory,
	secretInScript, secretInRepo, privateKey, passwordOnCommandLine, curlPipeShell, unverifiedDownload, httpDownload, checksumSamePlace, checksumCannotMatch,
	tlsDisabled, hostKeyDisabled, worldWritable, readableBeforeChmod, recursiveChown, serviceAsRoot, buildAsRoot, codeWritable, sudoPassword, predictableTmp,
	unpinnedRef, untrustedBranch, setuid,
	noErrorHandling, failureHidden, unguardedRemove, noRollback, nonAtomicSwap, notIdempotent, missingDependency, serviceNotEnabled,
	unitNotReloaded, restartBeforeMigrate, downtime, noLock, buildOnServer, packageConflict, unboundedBackups, interactivePrompt, crlfScript,
	bashism, undefinedVariable, syntaxError, curlWithoutFail,
	accountDeleted, dataRemoved, unguardedUseradd, serviceStopped, conffileNotMarked, nonPosixMaintainer,
	ignoreUnused, ignoreReason,
}
