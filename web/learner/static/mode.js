// Runs before the first paint, on every page of both applications: applies what this device remembers.
(function () {
	// The code of a learner card leaves the address bar before anything else runs.
	if (location.pathname === '/card/' && location.hash.length > 1) {
		window.learnerCard = location.hash.slice(1);
		history.replaceState(null, '', '/card/' + location.search);
	}
	try {
		var size = localStorage.getItem('changqing.text_size');
		var root = document.documentElement;
		if (size === '24' || size === '30') root.setAttribute('data-text-size', size);
		// Who was logged in last time, or is remembered here, is spared the form until that is known.
		if (localStorage.getItem('changqing.signed_in') || localStorage.getItem('changqing.opens'))
			root.setAttribute('data-returning', '');
	} catch {
		// Storage is blocked: the standard size stays.
	}
})();
