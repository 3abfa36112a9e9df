/* lensdoc (Apache-2.0) */
"use strict";(()=>{addEventListener("message",({source:n,data:o})=>{let e=o?.lensdocHeight;if(e>0&&e<2e4)for(let t of document.querySelectorAll("iframe"))t.contentWindow===n&&(t.style.height=`${Math.ceil(e)}px`)});})();
