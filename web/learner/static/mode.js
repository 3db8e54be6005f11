// Runs before the first paint, on every page of both applications: applies what this device remembers.
(function () {
	try {
		var size = localStorage.getItem('changqing.text_size');
		var root = document.documentElement;
		if (size === '24' || size === '30') root.setAttribute('data-text-size', size);
		// Who was logged in last time is spared the log-in form while the session is taken up.
		if (localStorage.getItem('changqing.signed_in')) root.setAttribute('data-returning', '');
	} catch {
		// Storage is blocked: the standard size stays.
	}
})();
