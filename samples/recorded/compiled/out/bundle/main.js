import t from"pino";function i(r){return r.lines.reduce((e,n)=>e+n.price,0)}var o=t({base:{pid:71,hostname:"api"}}),d=[{id:1,lines:[{price:3}]},{id:2,lines:null}];for(let r of d)try{o.info({order:r.id,total:i(r)},"Order priced")}catch(e){o.error({err:e,order:r.id},"Order has no price")}
//# sourceMappingURL=main.js.map
