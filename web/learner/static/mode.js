// Runs before the first paint, on every page of both applications: applies the chosen text size.
(function () {
	try {
		var size = localStorage.getItem('changqing.text_size');
		if (size === '24' || size === '30')
			document.documentElement.setAttribute('data-text-size', size);
	} catch {
		// Storage is blocked: the standard size stays.
	}
})();
